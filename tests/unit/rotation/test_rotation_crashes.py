"""The crash table: a rotation and the retirement after it, broken at each of their calls in each way."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.errors import TransientError
from lambdas.retirement.domain.retirement import Step
from lambdas.retirement.fact_reader import RetirementFactReader
from lambdas.retirement.retirer import Retirer
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.domain.key_deletion import Deletion
from lambdas.rotation.domain.secret_description import CURRENT
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.new_key_promoter import NewKeyPromoter
from lambdas.rotation.promoter import Promoter
from lambdas.rotation.rotator import Rotator
from tests.support import fail_over_scenarios, second_secret_scenarios
from tests.support.rotation_runs import a_fail_over, a_key_creator, a_retirer, a_rotator
from tests.support.rotation_scenarios import (
    SCENARIOS,
    Actors,
    Scenario,
    a_person_creates_a_key,
    configuration_test_first,
    interrupted_at,
    one_comes_back_to_the_old_key,
    reactivates_the_old_key,
    retires_the_old_key,
    the_same_step_runs_elsewhere,
    with_one_key,
    without_a_free_slot,
    without_a_key,
)
from tests.support.rotation_simulation import RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.retirement.domain.retirement import RetirementFacts
    from lambdas.rotation.domain.key_deletion import DeletionEvidence
    from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
    from lambdas.rotation.domain.rotation_state import RotationState, Superseded
    from lambdas.rotation.fail_over import KeyFailOver
    from lambdas.rotation.secret_snapshot import SecretSnapshot
    from tests.support.rotation_simulation import Mode

pytestmark = pytest.mark.slow

# Of a whole life, the calls of the first attempt: what comes after it is broken in the other scenarios.
FIRST_ATTEMPT = 44
CALLS_OF_CREATION = 15


def interrupted(
    name: str, new_world: Callable[[], RotationWorld], act: Callable[[RotationWorld], None]
) -> list[Scenario]:
    return [
        Scenario(
            f"{name} before call {number}",
            new_world,
            interrupted_at(number, act),
            breaks_before=FIRST_ATTEMPT,
        )
        for number in range(CALLS_OF_CREATION)
    ]


ALL_SCENARIOS = (*SCENARIOS, *fail_over_scenarios.SCENARIOS, *second_secret_scenarios.SCENARIOS)
GROUPS: dict[str, list[Scenario]] = {
    **{scenario.name: [scenario] for scenario in ALL_SCENARIOS},
    "one comes back to the old key": [
        Scenario("one comes back", with_one_key, one_comes_back_to_the_old_key, reactivates_the_old_key)
    ],
    "a test of the configuration first": [
        Scenario("a test first", with_one_key, configuration_test_first, retires_the_old_key)
    ],
    "a person creates a key in that minute": interrupted(
        "a person's key", without_a_key, a_person_creates_a_key
    )
    + interrupted("a person's second key", with_one_key, a_person_creates_a_key),
    "two runs of one creation": interrupted("a second run", with_one_key, the_same_step_runs_elsewhere)
    + interrupted("a second run", without_a_key, the_same_step_runs_elsewhere),
    "others act during a fail-over": fail_over_scenarios.interrupted(),
    "another secret of the user is rotated": second_secret_scenarios.interrupted(),
}


@pytest.mark.parametrize("group", GROUPS)
def test_wherever_a_rotation_dies_nothing_is_lost_and_it_completes(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results: dict[tuple[str, int, str, Mode], list[str]] = {}
    for scenario in GROUPS[group]:
        results |= {(scenario.name, *where): what for where, what in scenario.table(Actors())}
    wrong = {where: what for where, what in results.items() if what}
    with capsys.disabled():
        kinds = len({name for _, _, name, _ in results})
        print(f"\n{group}: {len(results)} breaks at {kinds} kinds of calls, {len(wrong)} wrong")  # noqa: T201
    assert wrong == {}


def test_every_call_of_ours_is_broken_in_some_scenario() -> None:
    broken = {
        name for group in GROUPS.values() for scenario in group for name in scenario.calls_to_break(Actors())
    }
    assert broken == {
        name
        for name, method in vars(RotationWorld).items()
        if name[0] != "_" and hasattr(method, "__wrapped__")
    }


# What published rotators do wrong (M1 to M18 of the survey, those that are about making and retiring keys)


class DeletesTheOldestKey(KeyCreator):
    """M2: when a user holds two keys. M12 is the same by a slot's number."""

    def _key_to_delete(
        self, _snapshot: object, listed: tuple[ListedKey, ...], _user: str
    ) -> tuple[str, Deletion]:
        oldest = min(listed, key=lambda key: key.created_at, default=None)
        return oldest.access_key_id if oldest and len(listed) > 1 else "", Deletion.LOST


class CreatesBeforeItSaysSo(KeyCreator):
    """M7: the key is there before it is written down, or has a place."""

    def create(self, snapshot: SecretSnapshot, token: str, current: ManagedSecret, user_id: str) -> None:
        new = self.keys.create(current.user_name, snapshot.name)
        self.secrets.put_pending(snapshot.name, token, replace(current, key=new))
        state = self.rotations.read(snapshot.name).bound_to(current.user_name, user_id)
        state = state.with_intent(token, (), self.clock()).with_created(
            new.access_key_id, token, self.clock()
        )
        self.rotations.write(state)


class TakesEveryOrphanForItsOwn(DeletionEvidenceReader):
    """The survey's own proposal: what is neither in the intent nor in the secret is deleted."""

    def with_creators(self, evidence: DeletionEvidence, listed: Iterable[ListedKey]) -> DeletionEvidence:
        return replace(evidence, created_for={key.access_key_id: True for key in listed})


class AsksNoOtherSecret(DeletionEvidenceReader):
    def with_others(self, snapshot: SecretSnapshot) -> DeletionEvidence:
        return self.of_the_secret(snapshot)


class TakesEveryKeyOfOursForItsOwn(AsksNoOtherSecret):
    """The role's name in CloudTrail does not say for which of a user's secrets it created a key."""

    def with_creators(self, evidence: DeletionEvidence, listed: Iterable[ListedKey]) -> DeletionEvidence:
        asked = super().with_creators(evidence, listed).created_for
        return replace(evidence, created_for={key: known is not None for key, known in asked.items()})


class DisablesThenCreates(KeyCreator):
    """M18."""

    def create(self, snapshot: SecretSnapshot, token: str, current: ManagedSecret, user_id: str) -> None:
        if current.key:
            self.keys.switch(current.user_name, current.key.access_key_id, on=False)
        super().create(snapshot, token, current, user_id)


class TakesAnErrorForNeverUsed(KeyCreator):
    """M5."""

    def _uses(self, listed: tuple[ListedKey, ...]) -> dict[str, LastUse | None]:
        try:
            return super()._uses(listed)
        except TransientError:
            return {key.access_key_id: None for key in listed if not key.is_active}


class PassesEveryKey(Rotator):
    """M1: a test step that cannot fail."""

    def _test(self, key: NewKey, user_id: str) -> None:
        pass


class PromotesBeforeItTests(Rotator):
    def create_secret(self, name: str, token: str) -> None:
        super().create_secret(name, token)
        secret = self.secrets.describe_secret(name)
        if secret.labelled(CURRENT) != token:
            self.secrets.promote(name, token, secret.labelled(CURRENT))


class SwallowsErrors(Rotator):
    """M16: it returns as if all were well."""

    def create_secret(self, name: str, token: str) -> None:
        try:
            super().create_secret(name, token)
        except TransientError:
            return

    def finish_secret(self, name: str, token: str) -> None:
        try:
            super().finish_secret(name, token)
        except Exception:  # noqa: BLE001 -- that is the mistake
            return


class DeletesTheReplacedKeyAtOnce(Rotator):
    """M2's finish, in most copies."""

    def finish_secret(self, name: str, token: str) -> None:
        old = self._snapshot(name, token).current
        super().finish_secret(name, token)
        self.keys.delete(old.user_name, old.key_id)


class NeverRecordsTheReplacedKey(NewKeyPromoter):
    """M3: an undefined name under `except: pass`."""

    def _record(self, secret_name: str, current: str, _previous: str) -> None:
        state = self.rotations.read(secret_name).with_promoted(current)
        self.rotations.write(state)


class PromotesWhatItMade(NewKeyPromoter):
    """Whatever people have changed in AWSCURRENT since."""

    def _version_to_promote(self, _snapshot: SecretSnapshot, token: str, _key: NewKey) -> str:
        return token


class MovesBeforeItTests(Promoter):
    """A fail over to whatever the previous version holds."""

    def test_key(self, key: NewKey, user_id: str) -> None:
        pass


class DeactivatesLentKeys(RetirementFactReader):
    """It knows nothing of other secrets."""

    def read(self, *about: Any) -> RetirementFacts:
        return replace(super().read(*about), lends=False)


class RetiresByTheClock(Retirer):
    """M8: whether or not anybody has got the new key."""

    def _take(self, step: Step, *about: Any) -> tuple[RotationState, Step]:
        superseded: Superseded = about[1]
        over = self.clock() >= superseded.retire_after and not superseded.retiring_at
        return super()._take(Step.DEACTIVATE if over else step, *about)


class TakesAnUnreadableUseForNone(RetirementFactReader):
    """M5, at each reading of the run."""

    def _last_use(self, access_key_id: str, *, must_exist: bool) -> LastUse | None:
        unreadable: set[str] = self.__dict__.setdefault("unreadable", set())
        try:
            use = super()._last_use(access_key_id, must_exist=must_exist)
        except TransientError:
            unreadable.add(access_key_id)
            return None
        return None if access_key_id in unreadable else use


def parts_of(made: Any) -> dict[str, Any]:
    return {field.name: getattr(made, field.name) for field in fields(made)}


def with_key_creator(kind: type[KeyCreator]) -> Actors:
    def new_rotator(world: RotationWorld) -> Rotator:
        return replace(a_rotator(world), key_creator=kind(**parts_of(a_key_creator(world))))

    return Actors(new_rotator=new_rotator)


def with_evidence(kind: type[DeletionEvidenceReader]) -> Actors:
    def new_rotator(world: RotationWorld) -> Rotator:
        usual = a_rotator(world)
        evidence = kind(**parts_of(usual.key_creator.evidence))
        return replace(usual, key_creator=replace(usual.key_creator, evidence=evidence))

    def new_retirer(world: RotationWorld) -> Retirer:
        usual = a_retirer(world)
        evidence = kind(**parts_of(usual.evidence))
        return replace(usual, evidence=evidence, repair=replace(usual.repair, evidence=evidence))

    return Actors(new_rotator=new_rotator, new_retirer=new_retirer)


def with_rotator(kind: type[Rotator]) -> Actors:
    return Actors(new_rotator=lambda world: kind(**parts_of(a_rotator(world))))


def with_new_key_promoter(kind: type[NewKeyPromoter]) -> Actors:
    def new_rotator(world: RotationWorld) -> Rotator:
        usual = a_rotator(world)
        return replace(usual, new_key_promoter=kind(**parts_of(usual.new_key_promoter)))

    return Actors(new_rotator=new_rotator)


def with_promoter(kind: type[Promoter]) -> Actors:
    def new_failing_over(world: RotationWorld) -> KeyFailOver:
        usual = a_fail_over(world)
        promoter = kind(**parts_of(usual.promoter))
        return replace(usual, promoter=promoter, lender=replace(usual.lender, promoter=promoter))

    return Actors(new_failing_over=new_failing_over)


def with_facts(kind: type[RetirementFactReader]) -> Actors:
    def new_retirer(world: RotationWorld) -> Retirer:
        usual = a_retirer(world)
        return replace(usual, facts=kind(**parts_of(usual.facts)))

    return Actors(new_retirer=new_retirer)


def with_retirer(kind: type[Retirer]) -> Actors:
    return Actors(new_retirer=lambda world: kind(**parts_of(a_retirer(world))))


@pytest.mark.parametrize(
    ("actors", "group", "wrong"),
    [
        (with_key_creator(DeletesTheOldestKey), "one key", "outage"),
        (with_key_creator(CreatesBeforeItSaysSo), "one key", "orphan"),
        (
            with_evidence(TakesEveryOrphanForItsOwn),
            "a person creates a key in that minute",
            "a live key was deleted",
        ),
        (
            with_evidence(TakesEveryKeyOfOursForItsOwn),
            "the tag moves and comes back",
            "a live key was deleted",
        ),
        (with_evidence(AsksNoOtherSecret), "two secrets contain one key", "outage"),
        (
            with_evidence(AsksNoOtherSecret),
            "the spare key is another secret's",
            "an inactive key was deleted",
        ),
        (with_key_creator(DisablesThenCreates), "one key", "outage"),
        (with_key_creator(TakesAnErrorForNeverUsed), "no free slot", "an inactive key was deleted"),
        (with_rotator(PassesEveryKey), "one key", "outage"),
        (with_rotator(PromotesBeforeItTests), "one key", "outage"),
        (with_rotator(SwallowsErrors), "one key", "it says that it is completed"),
        (with_rotator(DeletesTheReplacedKeyAtOnce), "one key", "a live key was deleted"),
        (with_new_key_promoter(NeverRecordsTheReplacedKey), "one key", "the old key was never retired"),
        (with_new_key_promoter(PromotesWhatItMade), "a person edits the secret", "the person's field"),
        (
            with_promoter(MovesBeforeItTests),
            "the previous key does not answer",
            "AWSCURRENT was moved",
        ),
        (with_facts(DeactivatesLentKeys), "a loan and its return", "outage"),
        (with_retirer(RetiresByTheClock), "nobody moves", "a key was deactivated whose successor"),
        (
            with_facts(TakesAnUnreadableUseForNone),
            "one of two moves",
            "a key was deactivated that was in use",
        ),
    ],
    ids=lambda value: "" if isinstance(value, Actors) else value,
)
def test_the_table_finds_the_faults_of_published_rotators(actors: Actors, group: str, wrong: str) -> None:
    found = (what for scenario in GROUPS[group] for _, whats in scenario.table(actors) for what in whats)
    assert any(what.startswith(wrong) for what in found)


def test_a_rotation_without_a_free_slot_names_the_keys() -> None:
    run, _ = Scenario("no free slot", without_a_free_slot).play(Actors())
    assert set(run.world.user_keys) == {word for word in run.refusals[0].split() if word.startswith("AKIA")}
