"""A user with two managed secrets: its tag moves between them, or both contain the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.rotation_runs import HOURS_UNTIL_ALL_IS_RETIRED, Run, a_retirer, a_rotator
from tests.support.rotation_scenarios import LONG_AGO, Scenario, interrupted_at, survive, without_a_key
from tests.support.rotation_simulation import SECOND_SECRET, SECRET, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.rotation_scenarios import Actors

CALLS_OF_A_CREATION = 20


# Where it begins


def two_empty_secrets() -> RotationWorld:
    world = without_a_key()
    world.add_second_secret()
    return enrolled(world)


def two_secrets_with_one_key() -> RotationWorld:
    """A person prepared the second with the key that the first contains."""
    world = RotationWorld()
    key = world.a_person_creates(LONG_AGO)
    world.put_current(key)
    world.add_second_secret().put_current(key)
    return enrolled(world)


def one_secret_of_another_key() -> RotationWorld:
    """Each contains a key; that of the second is inactive, and was not used for long."""
    world = RotationWorld()
    kept = world.a_person_creates(LONG_AGO, active=False)
    world.put_current(world.a_person_creates(LONG_AGO))
    world.add_second_secret().put_current(kept)
    return enrolled(world)


def enrolled(world: RotationWorld) -> RotationWorld:
    """In each of its secrets, one after the other."""
    for secret in (SECOND_SECRET, SECRET):
        world.claim(secret)
    return world


# What happens


def moves_and_comes_back(world: RotationWorld, actors: Actors) -> Run:
    """Each secret gets a key; then the first is rotated before the hourly function runs."""
    run = actors.run(world)
    run.rotate("token-1")
    world.claim(SECOND_SECRET)
    run.rotate("token-b", SECOND_SECRET)
    world.claim(SECRET)
    run.rotate("token-2")
    run.pass_time(3)
    run.rotate("token-3")
    run.pass_time(12, step=6)
    world.claim(SECOND_SECRET)  # what a rotation of this secret lost is deleted now
    run.pass_time(3)
    return run


def the_second_is_rotated(world: RotationWorld, actors: Actors) -> Run:
    """The applications of the first secret read it on; those of the second move to its new key."""
    run = actors.run(world)
    world.claim(SECOND_SECRET)
    run.rotate("token-b", SECOND_SECRET)
    for _ in range(HOURS_UNTIL_ALL_IS_RETIRED // 6):
        world.use(world.second.current_key() if world.second else "")
        run.pass_time(6, step=6, moves=False)
    return run


def the_first_is_rotated(world: RotationWorld, actors: Actors) -> Run:
    run = actors.run(world)
    run.rotate("token-1")
    run.pass_time(3)
    return run


def others_act_at(
    number: int, act: Callable[[RotationWorld], None]
) -> Callable[[RotationWorld, Actors], Run]:
    def scenario(world: RotationWorld, actors: Actors) -> Run:
        run = interrupted_at(number, act)(world, actors)
        world.claim(SECOND_SECRET)  # what a rotation of this secret lost is deleted now
        run.pass_time(3)
        return run

    return scenario


def the_second_is_rotated_meanwhile(world: RotationWorld) -> None:
    world.claim(SECOND_SECRET)
    survive(lambda: world.label_pending("token-b", SECOND_SECRET))
    survive(lambda: a_rotator(world).create_secret(SECOND_SECRET, "token-b"))
    world.claim(SECRET)


def both_are_retired_meanwhile(world: RotationWorld) -> None:
    for secret in (SECOND_SECRET, SECRET):
        survive(lambda secret=secret: a_retirer(world).process(secret))  # type: ignore[misc]


# What must be in the end


def each_secret_has_its_key(run: Run) -> list[str]:
    return [
        f"the key of {name} does not work"
        for name, works in zip(run.world.secret_names(), run.world.works(), strict=True)
        if run.world.place_of(name).current_key() and not works
    ]


def keeps_the_key_that_the_other_contains(run: Run) -> list[str]:
    first = run.world.user_keys.get(run.world.current_key())
    return [] if first and first.active else ["the key of the first secret was taken away"]


def keeps_the_inactive_key_of_the_other(run: Run) -> list[str]:
    kept = run.world.second.current_key() if run.world.second else ""
    return [] if kept in run.world.user_keys else ["the key that the second secret contains was deleted"]


SCENARIOS = [
    Scenario(
        "the tag moves and comes back", two_empty_secrets, moves_and_comes_back, each_secret_has_its_key
    ),
    Scenario(
        "two secrets contain one key",
        two_secrets_with_one_key,
        the_second_is_rotated,
        keeps_the_key_that_the_other_contains,
    ),
    Scenario(
        "the spare key is another secret's",
        one_secret_of_another_key,
        the_first_is_rotated,
        keeps_the_inactive_key_of_the_other,
    ),
]


def interrupted() -> list[Scenario]:
    """Broken at the first creation's own calls."""
    return [
        Scenario(
            f"{act.__name__} before call {number}",
            two_empty_secrets,
            others_act_at(number, act),
            breaks_before=CALLS_OF_A_CREATION,
        )
        for act in (the_second_is_rotated_meanwhile, both_are_retired_meanwhile)
        for number in range(CALLS_OF_A_CREATION)
    ]
