"""AWS as rotation sees it, in memory, in which any call may fail, lose its answer, or be the last.

Time passes only when somebody lets it. After every change of ours it is checked whether AWSCURRENT, if it
named a key that worked before the call, still does. Somebody else may act right before a call of ours
(`interrupt`), and somebody may look on (`watchers`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lambdas.aws.domain.iam import IamUser, LastUse, ListedKey, Resolved, Unresolved
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.rotation.domain import modes
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey, UnreadableSecretError
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import (
    CURRENT,
    EDITED,
    LOAN,
    PENDING,
    PREVIOUS,
    SecretDescription,
)
from lambdas.rotation.domain.smtp_password import smtp_password
from lambdas.rotation.ports import CreationDeniedError, KeyQuotaError, OtherValueError, RefusedError
from tests.support.builders import NOON, key_id
from tests.support.descriptions import KEY_ARN

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.rotation.domain.notification import Notification

USER, USER_ID, SECRET = "alice", "AIDAALICE", "access-keys/alice"
SECOND_SECRET = "access-keys/alice-2"
BACKUP, BACKUP_ID, BACKUP_SECRET = "bob", "AIDABOB", "access-keys/bob"
RECORD_DELAY = timedelta(minutes=5)
PROPAGATION = timedelta(seconds=4)
MOST_KEYS = 2


def smtp_url(key: NewKey) -> str:
    """A field that depends on the key, as an application may keep it."""
    password = quote(smtp_password(key.secret_access_key, "eu-west-1"), safe="")
    return f"smtp://{key.access_key_id}:{password}@email-smtp.eu-west-1.amazonaws.com"


class Crash(BaseException):
    """The process is gone."""


class Mode(StrEnum):
    FAILS = "the call fails"
    DIES_BEFORE = "dies right before it"
    DIES_AFTER = "dies right after it"
    ANSWER_LOST = "the answer is lost"


@dataclass
class Key:
    """`by_us` is the truth, which nobody knows before its record arrives."""

    secret: str
    created_at: datetime
    by_us: bool
    created_for: str = ""
    active: bool = True
    last_use: datetime | None = None
    used_by_consumers: datetime | None = None
    switches: list[Switch] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One record of UpdateAccessKey. `changed` is False where the key was in that state already."""

    at: datetime
    on: bool
    by_us: bool
    changed: bool
    by_automation: bool = False


@dataclass
class Interrupt:
    """What somebody else does right before one call of ours, by the call's number."""

    number: int
    act: Callable[[], None]


def aws_call(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def called(self: RotationWorld, *args: Any, **kwargs: Any) -> Any:
        if self.interrupt and self.interrupt.number == len(self.calls):
            interrupt, self.interrupt = self.interrupt, None
            interrupt.act()
        self.synchronise_clock()
        number, mode = len(self.calls), None
        self.calls.append(method.__name__)
        if self.inject and self.inject[0] == number:
            mode = self.inject[1]
            self.injected = True
        if method.__name__ in self.denied:
            raise TransientError(f"{method.__name__}: AccessDenied")
        if mode is Mode.DIES_BEFORE:
            raise Crash
        if mode is Mode.FAILS:
            raise TransientError(f"{method.__name__}: Throttling")
        for watch in self.watchers:
            watch(method.__name__, args, kwargs)
        answer = method(self, *args, **kwargs)
        if mode is Mode.DIES_AFTER:
            raise Crash
        if mode is Mode.ANSWER_LOST:
            raise TransientError(f"{method.__name__}: ReadTimeout")
        return answer

    return called


def aws_change(method: Callable[..., Any]) -> Callable[..., Any]:
    """A call that writes, after which the key in a secret may no longer work."""

    @wraps(method)
    def checked(self: RotationWorld, *args: Any, **kwargs: Any) -> Any:
        worked = self.works()
        answer = method(self, *args, **kwargs)
        if any(before and not after for before, after in zip(worked, self.works(), strict=True)):
            self.outages.append(f"{len(self.calls) - 1} {method.__name__}")
        return answer

    return aws_call(checked)


@dataclass
class RotationWorld:
    """It is Secrets, UserKeys, Rotations, KeyIdentity, KeyAttribution and Switches at once. `backup` is
    the user who may lend its key, `second` another secret of the same user; what is called is called here.
    """

    now: datetime = NOON
    user_keys: dict[str, Key] = field(default_factory=dict)
    gone: dict[str, Key] = field(default_factory=dict)
    values: dict[str, ManagedSecret] = field(default_factory=dict)
    labels: dict[str, set[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)  # versions in which a person has put another text
    record_delay: timedelta = RECORD_DELAY  # of CloudTrail's event history
    listing_lag: timedelta = timedelta()  # after which IAM lists a new key
    second_listing_lag: timedelta | None = None  # of every second listing, from another part of IAM
    listings: int = 0
    states: dict[str, RotationState] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=lambda: {SECRET_TAG: SECRET, MODE_TAG: "auto"})
    secret_tags: dict[str, str] = field(default_factory=lambda: {USER_ID_TAG: USER_ID})
    key_ids: tuple[str, ...] = (KEY_ARN,)
    user_id: str = USER_ID
    policy: str = ""
    kill_switch: bool = False
    denies_creation: bool = False
    denied: set[str] = field(default_factory=set)  # the calls that a policy forbids us
    failures: dict[str, datetime] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    outages: list[str] = field(default_factory=list)
    inject: tuple[int, Mode] | None = None
    injected: bool = False
    interrupt: Interrupt | None = None
    watchers: list[Callable[[str, tuple[Any, ...], dict[str, Any]], None]] = field(default_factory=list)
    created: int = 0
    user: str = USER
    backup: RotationWorld | None = None
    second: RotationWorld | None = None
    resource_policy: str = ""
    is_being_deleted: bool = False
    may_read_by_itself: bool = False
    session_may_read: bool = False
    known_callers_fail: bool = True  # calls with a dead key come from where it was used before
    known_pauses: dict[str, timedelta] = field(default_factory=dict)  # between two uses, before the rotation
    sent: list[Notification] = field(default_factory=list)
    edits: int = 0
    notes: set[str] = field(default_factory=set)  # the fields that people have added
    puts: int = 0

    # What people and consumers do; time.

    def add_second_secret(self) -> RotationWorld:
        """Bound to the same user, whose tag says which of them it claims."""
        self.second = RotationWorld(user_keys=self.user_keys, gone=self.gone)
        self.second.put_current("")
        return self.second

    def claim(self, secret: str) -> None:
        """Somebody sets the user's tag, and enrolment records the binding."""
        self.tags = {**self.tags, SECRET_TAG: secret}
        known = self.states.get(secret, RotationState(secret_name=secret))
        if known.user_id != self.user_id:
            self.states[secret] = replace(known, version=known.version + 1).bound_to(self.user, self.user_id)

    def a_person_creates(self, created_at: datetime | None = None, *, active: bool = True) -> str:
        return self.new_key(by_us=False, created_at=created_at or self.now, active=active).access_key_id

    def put_current(self, access_key_id: str) -> None:
        secret = self.user_keys[access_key_id].secret if access_key_id else ""
        key = NewKey(access_key_id=access_key_id, secret_access_key=secret) if access_key_id else None
        others = {"Host": "db.example"} | ({"Smtp": smtp_url(key)} if key else {})
        self.values["first"] = ManagedSecret(user_name=self.user, key=key, others=others)
        self.labels["first"] = {CURRENT}

    def a_person_edits(self, label: str = CURRENT) -> None:
        """Adds a field to the version with the label; what is put becomes AWSCURRENT."""
        read = self.values[self.labelled(label)]
        self.edits += 1
        self.notes.add(note := f"Note{self.edits}")
        self.a_person_puts(replace(read, others={**read.others, note: "mine"}))

    def a_person_puts(self, value: ManagedSecret | None) -> None:
        """PutSecretValue without a label. None is a text that is no JSON."""
        self.puts += 1
        version, current = f"put-{self.puts}", self.labelled(CURRENT)
        if value is None:
            self.unreadable.add(version)
        else:
            self.values[version] = value
        for labels in self.labels.values():
            labels.discard(PREVIOUS)
        self.labels[current] = self.labels[current] - {CURRENT} | {PREVIOUS}
        self.labels[version] = {CURRENT}

    def labelled(self, label: str) -> str:
        return next((version for version, labels in self.labels.items() if label in labels), "")

    def a_person_switches(self, access_key_id: str, *, on: bool) -> None:
        self.switch_key(access_key_id, on=on, by_us=False)

    def an_automation_deactivates(self, access_key_id: str) -> None:
        self.switch_key(access_key_id, on=False, by_us=False, by_automation=True)

    def a_person_deletes_the_user(self) -> None:
        for access_key_id in list(self.user_keys):
            self.a_person_deletes(access_key_id)
        self.user_id = ""

    def a_person_deletes(self, access_key_id: str) -> None:
        self.gone[access_key_id] = self.user_keys.pop(access_key_id)

    def consume(self) -> None:
        """The consumer reads the secret and uses its key."""
        self.use(self.current_key())

    def use(self, access_key_id: str) -> None:
        """A consumer calls AWS with a key that it holds."""
        key = self._key(access_key_id)
        if key and key.active:
            key.last_use = key.used_by_consumers = self.now
        elif access_key_id:
            self.failures[access_key_id] = self.now

    def current_key(self) -> str:
        version = self.labelled(CURRENT)
        return self.values[version].key_id if version in self.values else ""

    def current_works(self) -> bool:
        version = self.labelled(CURRENT)
        return version in self.values and self.answers(self.values[version].key)

    def answers(self, held: NewKey | None) -> bool:
        key = self._key(held.access_key_id) if held else None
        is_right = bool(held and key and key.secret == held.secret_access_key)
        return bool(key and is_right and key.active and self.now >= key.created_at + PROPAGATION)

    def places(self) -> tuple[RotationWorld, ...]:
        """One for each secret."""
        return tuple(place for place in (self, self.second, self.backup) if place)

    def places_of_the_user(self) -> tuple[RotationWorld, ...]:
        return tuple(place for place in (self, self.second) if place)

    def secret_names(self) -> tuple[str, ...]:
        named = ((SECRET, self), (SECOND_SECRET, self.second), (BACKUP_SECRET, self.backup))
        return tuple(name for name, place in named if place)

    def synchronise_clock(self) -> None:
        for place in self.places():
            place.now = self.now

    def works(self) -> tuple[bool, ...]:
        """Of each secret."""
        return tuple(place.current_works() for place in self.places())

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def clock(self) -> datetime:
        return self.now

    def label_pending(self, token: str, secret: str = SECRET) -> None:
        """What RotateSecret does first. Raises as it does while an earlier rotation is pending."""
        labels_of = self.place_of(secret).labels
        pending = next((v for v, labels in labels_of.items() if PENDING in labels), "")
        if pending and pending != token and CURRENT not in labels_of[pending]:
            raise RefusedError("a previous rotation is still in progress")
        for labels in labels_of.values():
            labels.discard(PENDING)
        labels_of.setdefault(token, set()).add(PENDING)

    # Secrets

    @aws_call
    def describe_secret(self, secret: str) -> SecretDescription:
        place = self.place_of(secret)
        labels = {version: frozenset(labels) for version, labels in place.labels.items()}
        return SecretDescription(
            name=secret,
            tags=dict(place.secret_tags),
            labels=labels,
            key_ids=place.key_ids,
            is_being_deleted=place.is_being_deleted,
        )

    @aws_call
    def value(self, secret: str, version: str) -> ManagedSecret | None:
        place = self.place_of(secret)
        if version in place.unreadable:
            raise UnreadableSecretError("no JSON")
        return place.values.get(version)

    @aws_change
    def put_pending(self, secret: str, token: str, value: ManagedSecret) -> None:
        self.place_of(secret).put_version(token, value, PENDING)

    @aws_change
    def put_loan(self, secret: str, version: str, value: ManagedSecret) -> None:
        self.place_of(secret).put_version(version, value, LOAN)

    @aws_change
    def promote(self, secret: str, token: str, current: str) -> None:
        """UpdateSecretVersionStage fails where the label is not on the version that it is taken from."""
        labels_of = self.place_of(secret).labels
        if CURRENT in labels_of.get(token, ()):
            return
        if CURRENT not in labels_of.get(current, set()):
            raise BusyError("InvalidParameterException")
        for labels in labels_of.values():
            labels.discard(PREVIOUS)
        labels_of[current].discard(CURRENT)
        labels_of[current].add(PREVIOUS)
        labels_of[token].add(CURRENT)

    @aws_change
    def drop_pending(self, secret: str, version: str) -> None:
        self.place_of(secret).labels[version].discard(PENDING)

    @aws_change
    def drop_loan(self, secret: str, version: str) -> None:
        self.place_of(secret).labels[version].discard(LOAN)

    @aws_change
    def put_edited(self, secret: str, version: str, value: ManagedSecret) -> None:
        self.place_of(secret).put_version(version, value, EDITED)

    @aws_change
    def drop_edited(self, secret: str, version: str) -> None:
        self.place_of(secret).labels[version].discard(EDITED)

    @aws_call
    def policy_of(self, _secret: str) -> str:
        return self.resource_policy

    # The policy simulator

    @aws_call
    def may_read(self, _secret: str, _user: IamUser) -> bool:
        return self.may_read_by_itself

    @aws_call
    def may_session_read(self, _secret: str, _user: IamUser) -> bool:
        return self.session_may_read

    # CloudTrail's event history

    @aws_call
    def known_caller_failed(self, _access_key_id: str, _last_use: LastUse | None) -> bool:
        return self.known_callers_fail

    # The ledger and CloudTrail's event history

    @aws_call
    def known_pause(self, access_key_id: str, _last_use: LastUse | None) -> timedelta:
        return self.known_pauses.get(access_key_id, timedelta())

    # UserKeys

    @aws_call
    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        place = self.place_of(user_name)
        if not place.user_id:
            return None
        lag = self._lag_of_a_listing()
        return tuple(
            ListedKey(
                access_key_id=key_id,
                status="Active" if key.active else "Inactive",
                created_at=key.created_at,
            )
            for key_id, key in place.user_keys.items()
            if self.now >= key.created_at + lag
        )

    @aws_call
    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        key = self._key(access_key_id)
        if key is None:
            return Unresolved()
        use = LastUse(at=key.last_use, service="s3", region="eu-west-1") if key.last_use else None
        return Resolved(user_name=USER, last_use=use)

    @aws_call
    def describe(self, user_name: str) -> IamUser | None:
        place = self.place_of(user_name)
        if not place.user_id:
            return None
        return IamUser(
            name=user_name,
            user_id=place.user_id,
            path="/",
            created_at=NOON - timedelta(days=900),
            tags=place.tags,
        )

    @aws_call
    def quarantine_policy(self, user_name: str) -> str:
        return self.place_of(user_name).policy

    @aws_change
    def create(self, user_name: str, secret_name: str) -> NewKey:
        place = self.place_of(user_name)
        if self.denies_creation:
            raise CreationDeniedError("iam:CreateAccessKey: AccessDenied")
        if len(place.user_keys) >= MOST_KEYS:
            raise KeyQuotaError("LimitExceeded")
        new = place.new_key(by_us=True, created_at=self.now)
        place.user_keys[new.access_key_id].created_for = secret_name
        return new

    @aws_change
    def delete(self, user_name: str, access_key_id: str) -> None:
        place = self.place_of(user_name)
        if access_key_id in place.user_keys:
            place.gone[access_key_id] = place.user_keys.pop(access_key_id)

    @aws_change
    def switch(self, user_name: str, access_key_id: str, *, on: bool) -> None:
        place = self.place_of(user_name)
        if access_key_id in place.user_keys:
            place.switch_key(access_key_id, on=on, by_us=True)

    # Rotations

    @aws_call
    def read(self, secret_name: str) -> RotationState:
        return self.states.get(secret_name, RotationState(secret_name=secret_name))

    @aws_change
    def write(self, state: RotationState) -> RotationState:
        known = self.states.get(state.secret_name)
        if (known.version if known else 0) != state.version:
            raise BusyError("another one has written")
        self.states[state.secret_name] = replace(state, version=state.version + 1)
        return self.states[state.secret_name]

    @aws_call
    def states_of(self, user_id: str) -> list[RotationState]:
        return [state for state in self.states.values() if state.user_id == user_id]

    # NotificationQueue

    @aws_call
    def send(self, notification: Notification) -> None:
        self.sent.append(notification)

    # KeyIdentity, KeyAttribution, Switches, the ledger

    @aws_call
    def user_id_of(self, key: NewKey) -> str:
        known = self._key(key.access_key_id)
        if known is None or not known.active or known.secret != key.secret_access_key:
            return ""
        if self.now < known.created_at + PROPAGATION:
            return ""
        known.last_use = self.now  # IAM does not distinguish our own tests from a consumer's use
        return self.user_id if key.access_key_id in self.user_keys else BACKUP_ID

    @aws_call
    def created_for(self, access_key_id: str, secret_name: str) -> bool | None:
        key = self._ever(access_key_id)
        return key.created_for == secret_name if self.now >= key.created_at + self.record_delay else None

    @aws_call
    def deactivated_by_us(self, access_key_id: str) -> bool | None:
        """By the records that have arrived, of all who had it off since it was last on."""
        in_a_row = self._recorded_deactivations(access_key_id)
        return all(one.by_us for one in in_a_row) if in_a_row else None

    @aws_call
    def contained_at(self, access_key_id: str) -> datetime | None:
        in_a_row = self._recorded_deactivations(access_key_id)
        others = [one for one in in_a_row if not one.by_us]
        contained = bool(others) and all(one.by_automation for one in others)
        return in_a_row[-1].at if contained else None

    @aws_call
    def stopped(self) -> bool:
        return self.kill_switch

    def mode(self) -> modes.Mode:
        """Nothing here depends on it."""
        return modes.Mode.AUTO

    @aws_call
    def fails(self, access_key_id: str, since: datetime) -> bool:
        return access_key_id in self.failures and self.failures[access_key_id] >= since

    @aws_call
    def remember(self, user_name: str) -> UserEntry | None:
        tags = {name: Observed[str | None](value=value, at=NOON) for name, value in self.tags.items()}
        return UserEntry(name=user_name, user_id=Observed(value=USER_ID, at=NOON), tags=tags)

    def place_of(self, user_or_secret: str) -> RotationWorld:
        if self.second and user_or_secret == SECOND_SECRET:
            return self.second
        is_backup = self.backup is not None and user_or_secret in {self.backup.user, BACKUP_SECRET}
        return self.backup if self.backup and is_backup else self

    def _lag_of_a_listing(self) -> timedelta:
        self.listings += 1
        second = self.listing_lag if self.second_listing_lag is None else self.second_listing_lag
        return self.listing_lag if self.listings % 2 else second

    def _key(self, access_key_id: str) -> Key | None:
        found = self.user_keys.get(access_key_id)
        return self.backup.user_keys.get(access_key_id) if self.backup and not found else found

    def _ever(self, access_key_id: str) -> Key:
        """Of a key that was there once, too."""
        gone = {**self.gone, **(self.backup.gone if self.backup else {})}
        return self._key(access_key_id) or gone[access_key_id]

    def _recorded_switches(self, access_key_id: str) -> list[Switch]:
        key = self._ever(access_key_id)
        return [one for one in key.switches if self.now >= one.at + self.record_delay]

    def _recorded_deactivations(self, access_key_id: str) -> list[Switch]:
        """The newest first."""
        return list(takewhile(lambda one: not one.on, reversed(self._recorded_switches(access_key_id))))

    def put_version(self, version: str, value: ManagedSecret, label: str) -> None:
        if version in self.values and self.values[version] != value:
            raise OtherValueError("ResourceExistsException")
        if version in self.values:
            return
        self.values[version] = value
        for labels in self.labels.values():
            labels.discard(label)
        self.labels.setdefault(version, set()).add(label)

    def switch_key(self, access_key_id: str, *, on: bool, by_us: bool, by_automation: bool = False) -> None:
        key = self.user_keys[access_key_id]
        key.switches.append(
            Switch(at=self.now, on=on, by_us=by_us, changed=key.active != on, by_automation=by_automation)
        )
        key.active = on

    def new_key(self, *, by_us: bool, created_at: datetime, active: bool = True) -> NewKey:
        self.created += 1
        new = NewKey(access_key_id=key_id(self.created), secret_access_key=f"secret-{self.created:033}")
        self.user_keys[new.access_key_id] = Key(
            secret=new.secret_access_key, created_at=created_at, by_us=by_us, active=active
        )
        return new
