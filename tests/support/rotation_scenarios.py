"""What befalls a user's keys in a RotationWorld: whole lives, each broken at every call in every way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import PermanentError, TransientError
from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.secret_description import CURRENT, PENDING
from tests.support.builders import NOON
from tests.support.rotation_invariants import Judge
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
LATELY = NOON - timedelta(days=5)


# Where it begins


def with_one_key() -> RotationWorld:
    world = RotationWorld()
    world.put_current(world.a_person_creates(LONG_AGO))
    return world


def with_a_spare_slot_to_be_made() -> RotationWorld:
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


def without_room() -> RotationWorld:
    """The other key was used lately, though it is inactive now."""
    world = with_a_spare_slot_to_be_made()
    other = next(key for key in world.user_keys if key != world.current_key())
    world.user_keys[other].last_use = LATELY
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

    def gives_back(world: RotationWorld) -> Retirer:
        retirer = actors.new_retirer(world)
        return replace(retirer, policy=replace(retirer.policy, reactivates=True))

    run = replace(actors, new_retirer=gives_back).run(world)
    old = world.current_key()
    run.rotate("token-1")
    run.pass_time(3)
    if not run.completed:
        run.rotate("token-2")
    run.pass_time(36, step=6)
    run.pass_time(12, step=3, also_used=old)
    return run


def nobody_goes_on(world: RotationWorld, actors: Actors) -> Run:
    """Secrets Manager gives a rotation up after the trial of its key, and somebody starts another."""
    world.stage("token-0")
    for step in ("create_secret", "test_secret"):
        survive(lambda step=step: getattr(actors.new_rotator(world), step)(SECRET, "token-0"))  # type: ignore[misc]
    actors.run(world).pass_time(4)
    return everybody_moves(world, actors)


def trial_of_the_configuration_first(world: RotationWorld, actors: Actors) -> Run:
    """RotateSecret with RotateImmediately=false: a version without a value, the test step alone."""
    world.labels["trial"] = {PENDING}
    for _ in range(2):
        survive(lambda: actors.new_rotator(world).test_secret(SECRET, "trial"))
    world.labels["trial"].clear()
    return everybody_moves(world, actors)


def survive(act: Callable[[], object]) -> None:
    try:
        act()
    except (TransientError, PermanentError, Crash):
        return


def amid(number: int, act: Callable[[RotationWorld], None]) -> Callable[[RotationWorld, Actors], Run]:
    """Somebody acts right before the call of that number."""

    def story(world: RotationWorld, actors: Actors) -> Run:
        world.interrupt = Interrupt(number=number, act=lambda: act(world))
        return everybody_moves(world, actors)

    return story


def a_person_makes_a_key(world: RotationWorld) -> None:
    if len(world.user_keys) < 2:
        world.a_person_creates()


def the_same_step_runs_elsewhere(world: RotationWorld) -> None:
    survive(lambda: a_rotator(world).create_secret(SECRET, "token-1"))


# What must be in the end


def retires_the_old_key(run: Run) -> list[str]:
    first = run.world.values["first"].key_id
    lives_on = run.completed and first in run.world.user_keys and run.world.user_keys[first].active
    return [f"the old key was never retired: {first}"] if lives_on else []


def keeps_the_old_key(run: Run) -> list[str]:
    first = run.world.user_keys.get(run.world.values["first"].key_id)
    found = [] if first and first.active else ["the old key was taken from a consumer that uses it"]
    reminded = any(one.step is Step.REMIND for one in run.retired)
    return found + ([] if reminded or not run.completed else ["nobody was reminded"])


def gives_the_old_key_back(run: Run) -> list[str]:
    first = run.world.values["first"].key_id
    lives = first in run.world.user_keys and run.world.user_keys[first].active
    return [] if lives else ["the old key was not given back"]


def keeps_both_keys(run: Run) -> list[str]:
    found = [] if len(run.world.user_keys) == 2 else ["a key was deleted that was used lately"]
    return found + ([] if run.refusals else ["it was not refused"])


def nothing_more(_run: Run) -> list[str]:
    return []


@dataclass(frozen=True)
class NotificationContent:
    name: str
    new_world: Callable[[], RotationWorld]
    live: Callable[[RotationWorld, Actors], Run] = everybody_moves
    ends: Callable[[Run], list[str]] = nothing_more
    breaks_before: int | None = field(default=None)

    def told(self, actors: Actors, inject: tuple[int, Mode] | None = None) -> tuple[Run, Judge]:
        world = self.new_world()
        world.inject = inject
        judge = Judge(world, POLICY, UNUSED_FOR)
        return self.live(world, actors), judge

    def calls_to_break(self, actors: Actors) -> list[str]:
        return self.told(actors)[0].world.calls[: self.breaks_before]

    def table(self, actors: Actors) -> Iterator[tuple[tuple[int, str, Mode], list[str]]]:
        """What was wrong after each break, by the number and name of the call, and the way it broke."""
        for number, name in enumerate(self.calls_to_break(actors)):
            for mode in Mode:
                run, judge = self.told(actors, (number, mode))
                assert run.world.injected, f"{number} {name} was not reached"
                yield (number, name, mode), wrongs(run, judge) + self.ends(run)


def wrongs(run: Run, judge: Judge) -> list[str]:
    world = run.world
    found = judge.found()
    found += [f"orphan: {key}" for key in orphans(world)]
    if not world.current_works() and not run.refusals:
        found.append("AWSCURRENT does not work in the end")
    if not (run.completed or run.refusals):
        found.append(f"neither completed nor refused: {run.errors}")
    promoted = [version for version, labels in world.labels.items() if CURRENT in labels]
    if run.completed and not run.failed_over and promoted == ["first"]:
        found.append("it says that it is completed, and nothing has changed")
    return found


STORIES = [
    NotificationContent("one key", with_one_key, ends=retires_the_old_key),
    NotificationContent("a slot has to be made", with_a_spare_slot_to_be_made, ends=retires_the_old_key),
    NotificationContent("no key yet", without_a_key),
    NotificationContent("a dead key", with_a_dead_key),
    NotificationContent("no room", without_room, ends=keeps_both_keys),
    NotificationContent("nobody moves", with_one_key, nobody_moves, keeps_the_old_key),
    NotificationContent("one of two moves", with_one_key, one_of_two_moves, keeps_the_old_key),
    NotificationContent("nobody goes on", with_one_key, nobody_goes_on, retires_the_old_key),
]
