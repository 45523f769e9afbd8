"""Users, secrets and switches as an enrolment meets them, any call of which may fail or be the last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import IamUser
from lambdas.enrolment.domain.claims import ClaimDecision, ClaimRequest, EnrolmentSettings, RotationSchedule
from lambdas.enrolment.enroller import Enroller
from lambdas.enrolment.former_secrets import FormerSecrets
from lambdas.enrolment.secret_provisioner import SecretProvisioner
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, name_enrolment
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, SecretDescription
from lambdas.rotation.ports import BudgetSpentError
from tests.support.builders import NOON
from tests.support.descriptions import KEY_ARN, a_description, rotating, with_current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from lambdas.rotation.domain.managed_secret import ManagedSecret
    from lambdas.rotation.domain.notification import Notification

HOME = "arn:aws:lambda:eu-central-1:123456789012:function"
SETTINGS = EnrolmentSettings(
    prefix="access-keys/",
    function=f"{HOME}:ours",
    schedule_days=90,
    key_arn=KEY_ARN,
    users_arn="arn:user",
)


class Crash(BaseException):
    """The process is gone."""


@dataclass
class EnrolmentWorld:
    """It is ClaimingUsers, ClaimedSecrets, Rotations, Switches, RotationBudget and
    NotificationQueue at once. `dies_at` is the number of a call, from 1, and whether the call takes effect.
    """

    users: dict[str, dict[str, str]] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, SecretDescription] = field(default_factory=dict)
    states: dict[str, RotationState] = field(default_factory=dict)
    own_policies: dict[str, str] = field(default_factory=dict)
    users_read: bool = False
    deployed_mode: Mode = Mode.AUTO
    now: datetime = NOON
    kill_switch: bool = False
    sent: list[Notification] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    budget: int = 1000
    spent: set[str] = field(default_factory=set)
    comes_again: list[str] = field(default_factory=list)
    rotations_begun: list[str] = field(default_factory=list)
    reservations: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=lambda: {SETTINGS.function})
    dies_at: tuple[int, bool] | None = None
    error: BaseException = field(default_factory=Crash)

    @property
    def enroller(self) -> Enroller:
        settings = replace(SETTINGS, users_read=self.users_read)
        provisioner = SecretProvisioner(secrets=self, settings=settings)
        return Enroller(
            users=self,
            secrets=self,
            has_function=self.has_function,
            reservations=self,
            provisioner=provisioner,
            former_secrets=FormerSecrets(
                secrets=self,
                provisioner=provisioner,
                rotations=self,
                settings=settings,
                clock=lambda: self.now,
            ),
            rotations=self,
            switches=self,
            notifications=self,
            budget=self,
            process_later=self.process_later,
            settings=settings,
            clock=lambda: self.now,
        )

    def claims(self, user_name: str, mode: str = "auto", secret: str = "") -> None:
        name = secret or f"access-keys/{user_name}"
        self.users[user_name] = {SECRET_TAG: name, MODE_TAG: mode}

    def sync(self) -> None:
        """As the real one asks, once for all."""
        for name in sorted(self.users):
            if name_enrolment(self.users[name]):
                self.process(name)
        for secret_name, state in sorted(self.states.items()):
            self.process(state.user_name, secret_name)

    def process(self, user_name: str, previous_secret: str = "", changed_by: str = "") -> ClaimDecision:
        request = ClaimRequest(user_name=user_name, previous_secret=previous_secret, changed_by=changed_by)
        return self.enroller.process(request)

    def end_rotations(self) -> None:
        """Each has created a key."""
        for name, secret in self.secrets.items():
            if secret.is_rotating:
                self.secrets[name] = with_current(secret, f"rotated {secret.labelled(CURRENT)}")

    def describe(self, user_name: str) -> IamUser | None:
        self._call("GetUser")
        if user_name not in self.users:
            return None
        tags = self.users[user_name]
        return IamUser(name=user_name, user_id=f"AIDA{user_name}", path="/", created_at=NOON, tags=tags)

    def quarantine_policy(self, user_name: str) -> str:
        self._call("ListAttachedUserPolicies")
        return self.policies.get(user_name, "")

    def find_secret(self, secret: str) -> SecretDescription | None:
        self._call(f"DescribeSecret {secret}")
        return self.secrets.get(secret)

    def create_secret(
        self, name: str, version: str, value: ManagedSecret, *, tags: Mapping[str, str], key_arn: str
    ) -> None:
        def act() -> None:
            assert value.key is None
            assert key_arn == SETTINGS.key_arn
            created = a_description(version, name, tags=tags)
            found = self.secrets.setdefault(name, created)
            if found.labelled(CURRENT) != version:
                raise BusyError(f"there is one already, {value.user_name} or not")

        self._write(f"CreateSecret {name}", act)

    def set_rotation(
        self, secret_name: str, function_arn: str, *, schedule_days: int | None, immediately: bool
    ) -> None:
        def act() -> None:
            secret = self.secrets[secret_name]
            if secret.is_rotating:
                raise BusyError("a rotation is under way")
            secret = replace(
                secret,
                is_rotation_on=True,
                function=function_arn,
                schedule_days=schedule_days or secret.schedule_days,
            )
            self.secrets[secret_name] = rotating(secret) if immediately else secret
            self.rotations_begun += [secret_name] if immediately else []

        scheduled = RotationSchedule.SCHEDULED if schedule_days else RotationSchedule.MANUAL
        schedule = RotationSchedule.IMMEDIATE if immediately else scheduled
        self._write(f"RotateSecret {secret_name} {schedule}", act)

    def cancel_rotation(self, secret_name: str) -> None:
        def act() -> None:
            self.secrets[secret_name] = replace(self.secrets[secret_name], is_rotation_on=False)

        self._write(f"CancelRotateSecret {secret_name}", act)

    def reserved(self, user_id: str) -> str:
        self._call("GetItem reservation")
        return self.reservations.get(user_id, "")

    def reserve(self, user_id: str, secret_name: str) -> None:
        def act() -> None:
            self.reservations[user_id] = secret_name

        self._write("PutItem reservation", act)

    def has_function(self, arn: str) -> bool:
        self._call(f"GetFunctionConcurrency {arn}")
        return arn in self.functions

    def policy_of(self, secret: str) -> str:
        self._call(f"GetResourcePolicy {secret}")
        return self.own_policies.get(secret, "")

    def put_policy(self, secret_name: str, policy: str) -> None:
        self._write(
            f"PutResourcePolicy {secret_name}", lambda: self.own_policies.update({secret_name: policy})
        )

    def delete_policy(self, secret_name: str) -> None:
        self._write(
            f"DeleteResourcePolicy {secret_name}", lambda: self.own_policies.update({secret_name: ""})
        )

    def read(self, secret_name: str) -> RotationState:
        self._call(f"GetItem {secret_name}")
        return self.states.get(secret_name, RotationState(secret_name=secret_name))

    def write(self, state: RotationState) -> RotationState:
        def act() -> None:
            known = self.states.get(state.secret_name)
            if (known.version if known else 0) != state.version:
                raise BusyError("another one has written")
            self.states[state.secret_name] = replace(state, version=state.version + 1)

        self._write(f"PutItem {state.secret_name}", act)
        return self.states[state.secret_name]

    def states_of(self, user_id: str) -> list[RotationState]:
        return [state for state in self.states.values() if state.user_id == user_id]

    def stopped(self) -> bool:
        self._call("GetParameter kill-switch")
        return self.kill_switch

    def mode(self) -> Mode:
        self._call("GetParameter mode")
        return self.deployed_mode

    def is_spent(self, user_id: str) -> bool:  # noqa: ARG002
        self._call("GetItem budget")
        return len(self.spent) >= self.budget

    def spend(self, token: str, user_id: str) -> None:  # noqa: ARG002
        def act() -> None:
            if len(self.spent | {token}) > self.budget:
                raise BudgetSpentError
            self.spent.add(token)

        self._call("UpdateItem budget", act)

    def was_spent_by(self, token: str) -> bool:
        return token in self.spent

    def process_later(self, user_name: str) -> None:
        self._call("SendMessage later", lambda: self.comes_again.append(user_name))

    def send(self, notification: Notification) -> None:
        self._call("SendMessage", lambda: self.sent.append(notification))

    def _write(self, call: str, act: Callable[[], None]) -> None:
        self.writes.append(call)
        self._call(call, act)

    def _call(self, call: str, act: Callable[[], None] = lambda: None) -> None:
        self.calls.append(call)
        number, takes_effect = self.dies_at or (0, False)
        if number != len(self.calls):
            act()
            return
        if takes_effect:
            act()
        raise self.error


def lost_answer() -> TransientError:
    return TransientError("the answer is lost")
