"""Whole rotations and retirements in a RotationWorld, as Secrets Manager and the clock drive them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import PermanentError, TransientError
from lambdas.retirement.domain.retirement import RetirementPolicy
from lambdas.retirement.fact_reader import RetirementFactReader
from lambdas.retirement.retirer import RetirementStep, Retirer
from lambdas.retirement.rotation_repair import RotationRepair
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.domain.secret_description import CURRENT, PREVIOUS
from lambdas.rotation.fail_over import KeyFailOver
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.key_lending import BackupKeyLender
from lambdas.rotation.new_key_promoter import NewKeyPromoter
from lambdas.rotation.ports import RefusedError
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.promoter import Promoter
from lambdas.rotation.rotator import Rotator
from tests.support.descriptions import KEY_ARN
from tests.support.rotation_simulation import BACKUP, SECRET, USER, Crash, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

UNUSED_FOR = timedelta(days=30)
POLICY = RetirementPolicy(
    grace=timedelta(hours=24),
    quiet=timedelta(hours=6),
    until_deletion=timedelta(hours=48),
    unused_for=UNUSED_FOR,
)
ATTEMPTS = 4
BETWEEN_ATTEMPTS = timedelta(minutes=10)
BETWEEN_DELIVERIES = timedelta(minutes=3)
STEPS = ("create_secret", "set_secret", "test_secret", "finish_secret")
HOURS_UNTIL_ALL_IS_RETIRED = 24 + 48 + 12


def a_rotator(world: RotationWorld) -> Rotator:
    return Rotator(
        secrets=world,
        keys=world,
        rotations=world,
        identity=world,
        preconditions=preconditions_in(world),
        key_creator=a_key_creator(world),
        new_key_promoter=a_new_key_promoter(world),
        may_session_read=world.may_session_read,
        grace=POLICY.grace,
        clock=world.clock,
        sleep=world.sleep,
    )


def a_new_key_promoter(world: RotationWorld) -> NewKeyPromoter:
    return NewKeyPromoter(
        secrets=world,
        keys=world,
        rotations=world,
        identity=world,
        grace=POLICY.grace,
        clock=world.clock,
        sleep=world.sleep,
    )


def preconditions_in(world: RotationWorld) -> Preconditions:
    return Preconditions(keys=world, switches=world, prefix="access-keys/", key_arns=(KEY_ARN,))


def a_key_creator(world: RotationWorld) -> KeyCreator:
    return KeyCreator(
        secrets=world,
        keys=world,
        rotations=world,
        evidence=an_evidence_reader(world),
        notifications=world,
        clock=world.clock,
    )


def an_evidence_reader(world: RotationWorld) -> DeletionEvidenceReader:
    return DeletionEvidenceReader(
        secrets=world,
        rotations=world,
        attribution=world,
        unused_for=UNUSED_FOR,
        clock=world.clock,
    )


def a_retirer(world: RotationWorld) -> Retirer:
    return Retirer(
        secrets=world,
        keys=world,
        rotations=world,
        preconditions=preconditions_in(world),
        repair=a_repair(world),
        evidence=an_evidence_reader(world),
        facts=a_fact_reader(world),
        policy=POLICY,
        clock=world.clock,
    )


def a_fact_reader(world: RotationWorld) -> RetirementFactReader:
    return RetirementFactReader(
        secrets=world,
        keys=world,
        attribution=world,
        preconditions=preconditions_in(world),
        has_failed_calls=world.fails,
        known_caller_failed=world.known_caller_failed,
        known_pause=world.known_pause,
        clock=world.clock,
    )


def a_repair(world: RotationWorld) -> RotationRepair:
    return RotationRepair(
        secrets=world,
        keys=world,
        rotations=world,
        evidence=an_evidence_reader(world),
        grace=POLICY.grace,
        clock=world.clock,
    )


def a_fail_over(world: RotationWorld) -> KeyFailOver:
    preconditions = preconditions_in(world)
    promoter = Promoter(
        secrets=world,
        keys=world,
        rotations=world,
        identity=world,
        grace=POLICY.grace,
        clock=world.clock,
    )
    lender = BackupKeyLender(
        promoter=promoter,
        preconditions=preconditions,
        may_read=world.may_read,
        backups={USER: BACKUP},
        ledger_user=world.remember,
    )
    return KeyFailOver(promoter=promoter, lender=lender, preconditions=preconditions)


@dataclass
class Run:
    """What became of a rotation, and of what came after it."""

    world: RotationWorld
    new_rotator: Callable[[RotationWorld], Rotator] = a_rotator
    new_retirer: Callable[[RotationWorld], Retirer] = a_retirer
    new_failing_over: Callable[[RotationWorld], KeyFailOver] = a_fail_over
    retired: list[RetirementStep] = field(default_factory=list)
    consumes: bool = True
    completed: bool = False
    failed_over: bool = False
    refusals: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def fail_over(self, token: str, *, backup: str = "", attempts: int = ATTEMPTS) -> None:
        """With the deliveries of the message that asks for it."""
        for _ in range(attempts):
            if self._attempt_to(lambda: self._fail_over(token, backup)):
                self.completed = self.failed_over = True
                return
            self.world.now += BETWEEN_DELIVERIES
            if self.consumes:
                self.world.consume()

    def _fail_over(self, token: str, backup: str) -> None:
        failing_over = self.new_failing_over(self.world)
        if backup:
            failing_over.to_backup(SECRET, backup, token)
        else:
            failing_over.to_previous(SECRET, token)

    def rotate(self, token: str, secret: str = SECRET) -> None:
        """RotateSecret, with the retries of the whole process that Secrets Manager makes."""
        try:
            self.world.label_pending(token, secret)
        except RefusedError as error:
            self.errors.append(str(error))
            return
        for _ in range(ATTEMPTS):
            if self._attempt_to(lambda: self._steps(token, secret)):
                self.completed = True
                return
            self.world.now += BETWEEN_ATTEMPTS
            if self.consumes:
                self.world.consume()

    def pass_time(self, hours: int, *, step: int = 1, also_used: str = "", moves: bool = True) -> None:
        """The hourly function seen every `step` hours: between, it would find what it found before. The
        consumer `moves` to what the secret names; somebody may also use a key that he keeps.
        """
        for _ in range(0, hours, step):
            self.world.now += timedelta(hours=step)
            if moves:
                self.world.consume()
            self.world.use(also_used)
            self._run_hourly()

    def _steps(self, token: str, secret: str) -> None:
        for step in STEPS:
            getattr(self.new_rotator(self.world), step)(secret, token)

    def _attempt_to(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except RefusedError as error:
            self.refusals.append(str(error))
            return False
        except (TransientError, PermanentError, Crash) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
            return False
        return True

    def _run_hourly(self) -> None:
        for secret in self.world.secret_names():
            try:
                self.retired += self.new_retirer(self.world).process(secret)
            except (TransientError, PermanentError, Crash) as error:
                self.errors.append(f"{type(error).__name__}: {error}")


def orphans(world: RotationWorld) -> list[str]:
    """Living keys of ours that no labelled version names."""
    named = {
        place.values[version].key_id
        for place in world.places_of_the_user()
        for version, labels in place.labels.items()
        if labels & {CURRENT, PREVIOUS} and version in place.values
    }
    return [key_id for key_id, key in world.user_keys.items() if key.by_us and key_id not in named]
