"""Scenarios of a user's keys in a RotationWorld, each broken at every call in every way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import PermanentError, TransientError
from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, PENDING
from tests.support.builders import NOON
from tests.support.rotation_invariants import Invariants
from tests.support.rotation_runs import (
    HOURS_UNTIL_ALL_IS_RETIRED,
    POLICY,
    UNUSED_FOR,
    Run,
    a_fail_over,
    a_retirer,
    a_rotator,
    orphans,
)
from tests.support.rotation_simulation import SECRET, Crash, Interrupt, Mode, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambdas.retirement.retirer import Retirer
    from lambdas.rotation.fail_over import KeyFailOver
    from lambdas.rotation.rotator import Rotator

LONG_AGO = NOON - timedelta(days=200)
RECENTLY = NOON - timedelta(days=5)


# Where it begins


def with_one_key() -> RotationWorld:
    world = RotationWorld()
    world.put_current(world.a_person_creates(LONG_AGO))
    return world


def with_a_slot_to_be_freed() -> RotationWorld:
    world = RotationWorld()
    world.a_person_creates(LONG_AGO, active=False)
    world.put_current(world.a_person_creates(LONG_AGO))
    return world


def without_a_key() -> RotationWorld:
    world = RotationWorld()
    world.put_current("")
    return world


def with_a_dead_key() -> RotationWorld:
    world = with_one_key()
    world.a_person_switches(world.current_key(), on=False)
    return world


def without_a_free_slot() -> RotationWorld:
    """The other key was used recently, though it is inactive now."""
    world = with_a_slot_to_be_freed()
    other = next(key for key in world.user_keys if key != world.current_key())
    world.user_keys[other].last_use = RECENTLY
    return world


# What happens


@dataclass(frozen=True)
class Actors:
    new_rotator: Callable[[RotationWorld], Rotator] = a_rotator
    new_retirer: Callable[[RotationWorld], Retirer] = a_retirer
    new_failing_over: Callable[[RotationWorld], KeyFailOver] = a_fail_over

    def run(self, world: RotationWorld, *, consumes: bool = True) -> Run:
        return Run(world, self.new_rotator, self.new_retirer, self.new_failing_over, consumes=consumes)


def everybody_moves(world: RotationWorld, actors: Actors) -> Run:
    """A rotation; the hours until everything is retired; and one more rotation if the first was lost."""
    run = actors.run(world)
    world.consume()
    run.rotate("token-1")
    run.pass_time(3)
    if not run.completed:
        run.rotate("token-2")
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    return run


def nobody_moves(world: RotationWorld, actors: Actors) -> Run:
    run = actors.run(world, consumes=False)
    old = world.current_key()
    world.use(old)
    run.rotate("token-1")
    run.pass_time(3, also_used=old, moves=False)
    if not run.completed:
        run.rotate("token-2")
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=5, also_used=old, moves=False)
    return run


def one_of_two_moves(world: RotationWorld, actors: Actors) -> Run:
    run = actors.run(world)
    old = world.current_key()
    run.rotate("token-1")
    run.pass_time(3, also_used=old)
    if not run.completed:
        run.rotate("token-2")
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=5, also_used=old)
    return run


def one_comes_back_to_the_old_key(world: RotationWorld, actors: Actors) -> Run:
    """It calls once a day and a half, so that the old key seemed quiet; then every few hours."""

    def reactivating(world: RotationWorld) -> Retirer:
        retirer = actors.new_retirer(world)
        return replace(retirer, policy=replace(retirer.policy, reactivates=True))

    run = replace(actors, new_retirer=reactivating).run(world)
    old = world.current_key()
    run.rotate("token-1")
    run.pass_time(3)
    if not run.completed:
        run.rotate("token-2")
    run.pass_time(36, step=6)
    run.pass_time(12, step=3, also_used=old)
    return run


def nobody_goes_on(world: RotationWorld, actors: Actors) -> Run:
    """Secrets Manager stops a rotation after the test of its key, and somebody starts another."""
    world.label_pending("token-0")
    for step in ("create_secret", "test_secret"):
        survive(lambda step=step: getattr(actors.new_rotator(world), step)(SECRET, "token-0"))  # type: ignore[misc]
    actors.run(world).pass_time(4)
    return everybody_moves(world, actors)


def configuration_test_first(world: RotationWorld, actors: Actors) -> Run:
    """RotateSecret with RotateImmediately=false: a version without a value, the test step alone."""
    world.labels["test"] = {PENDING}
    for _ in range(2):
        survive(lambda: actors.new_rotator(world).test_secret(SECRET, "test"))
    world.labels["test"].clear()
    return everybody_moves(world, actors)


def edited_before_the_promotion(world: RotationWorld, actors: Actors) -> Run:
    """A person adds a field while the new key is tested."""

    def edit(call: str, _args: tuple[object, ...], _kwargs: dict[str, object]) -> None:
        if call == "user_id_of" and not world.edits:
            world.a_person_edits()

    world.watchers.append(edit)
    return everybody_moves(world, actors)


def survive(act: Callable[[], object]) -> None:
    try:
        act()
    except (TransientError, PermanentError, Crash):
        return


def interrupted_at(
    number: int, act: Callable[[RotationWorld], None]
) -> Callable[[RotationWorld, Actors], Run]:
    """Somebody acts right before the call of that number."""

    def scenario(world: RotationWorld, actors: Actors) -> Run:
        world.interrupt = Interrupt(number=number, act=lambda: act(world))
        return everybody_moves(world, actors)

    return scenario


def a_person_creates_a_key(world: RotationWorld) -> None:
    if len(world.user_keys) < 2:
        world.a_person_creates()


def the_same_step_runs_elsewhere(world: RotationWorld) -> None:
    survive(lambda: a_rotator(world).create_secret(SECRET, "token-1"))


# What must be in the end


def keeps_the_edit(run: Run) -> list[str]:
    value = run.world.values[run.world.labelled(CURRENT)]
    found = [] if "Note1" in value.others else ["the person's field is lost"]
    labelled = [version for version, labels in run.world.labels.items() if EDITED in labels]
    found += [f"the label of an edited version is left on {version}" for version in labelled]
    return found + retires_the_old_key(run)


def retires_the_old_key(run: Run) -> list[str]:
    first = run.world.values["first"].key_id
    lives_on = run.completed and first in run.world.user_keys and run.world.user_keys[first].active
    return [f"the old key was never retired: {first}"] if lives_on else []


def keeps_the_old_key(run: Run) -> list[str]:
    first = run.world.user_keys.get(run.world.values["first"].key_id)
    found = [] if first and first.active else ["the old key was taken from a consumer that uses it"]
    reminded = any(one.step is Step.REMIND for one in run.retired)
    return found + ([] if reminded or not run.completed else ["nobody was reminded"])


def reactivates_the_old_key(run: Run) -> list[str]:
    first = run.world.values["first"].key_id
    lives = first in run.world.user_keys and run.world.user_keys[first].active
    return [] if lives else ["the old key was not reactivated"]


def keeps_both_keys(run: Run) -> list[str]:
    found = [] if len(run.world.user_keys) == 2 else ["a key was deleted that was used recently"]
    return found + ([] if run.refusals else ["it was not refused"])


def nothing_more(_run: Run) -> list[str]:
    return []


@dataclass(frozen=True)
class Scenario:
    name: str
    new_world: Callable[[], RotationWorld]
    live: Callable[[RotationWorld, Actors], Run] = everybody_moves
    ends: Callable[[Run], list[str]] = nothing_more
    breaks_before: int | None = field(default=None)

    def play(self, actors: Actors, inject: tuple[int, Mode] | None = None) -> tuple[Run, Invariants]:
        world = self.new_world()
        world.inject = inject
        invariants = Invariants(world, POLICY, UNUSED_FOR)
        return self.live(world, actors), invariants

    def calls_to_break(self, actors: Actors) -> list[str]:
        return self.play(actors)[0].world.calls[: self.breaks_before]

    def table(self, actors: Actors) -> Iterator[tuple[tuple[int, str, Mode], list[str]]]:
        """What was wrong after each break, by the number and name of the call, and the way it broke."""
        for number, name in enumerate(self.calls_to_break(actors)):
            for mode in Mode:
                run, invariants = self.play(actors, (number, mode))
                assert run.world.injected, f"{number} {name} was not reached"
                yield (number, name, mode), violations(run, invariants) + self.ends(run)


def violations(run: Run, invariants: Invariants) -> list[str]:
    world = run.world
    found = invariants.found()
    found += [f"orphan: {key}" for key in orphans(world)]
    if not world.current_works() and not run.refusals:
        found.append("AWSCURRENT does not work in the end")
    if not (run.completed or run.refusals):
        found.append(f"neither completed nor refused: {run.errors}")
    unchanged = all(CURRENT in place.labels["first"] for place in world.places_of_the_user())
    if run.completed and not run.failed_over and unchanged:
        found.append("it says that it is completed, and nothing has changed")
    return found


SCENARIOS = [
    Scenario("one key", with_one_key, ends=retires_the_old_key),
    Scenario("a slot has to be freed", with_a_slot_to_be_freed, ends=retires_the_old_key),
    Scenario("no key yet", without_a_key),
    Scenario("a dead key", with_a_dead_key),
    Scenario("no free slot", without_a_free_slot, ends=keeps_both_keys),
    Scenario("nobody moves", with_one_key, nobody_moves, keeps_the_old_key),
    Scenario("one of two moves", with_one_key, one_of_two_moves, keeps_the_old_key),
    Scenario("a person edits the secret", with_one_key, edited_before_the_promotion, keeps_the_edit),
    Scenario("nobody goes on", with_one_key, nobody_goes_on, retires_the_old_key),
]
