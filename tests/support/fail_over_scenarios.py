"""Fail overs in a RotationWorld: back to the previous key, and to the key of a backup user and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.secret_description import LOAN
from tests.support.rotation_runs import HOURS_UNTIL_ALL_IS_RETIRED, Run, a_fail_over, a_retirer, a_rotator
from tests.support.rotation_scenarios import LONG_AGO, RECENTLY, Scenario, survive, with_one_key
from tests.support.rotation_simulation import (
    BACKUP,
    BACKUP_ID,
    BACKUP_SECRET,
    SECRET,
    Interrupt,
    RotationWorld,
    smtp_url,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.rotation_scenarios import Actors

AFTER_A_ROTATION = timedelta(minutes=20)


# Where it begins


def rotated() -> RotationWorld:
    """The first key is kept for as long as its consumers may have it."""
    world = with_one_key()
    world.consume()
    Run(world).rotate("token-1")
    world.now += AFTER_A_ROTATION
    world.consume()
    world.calls.clear()
    return world


def rotated_and_dead() -> RotationWorld:
    world = rotated()
    world.an_automation_deactivates(world.current_key())
    return world


def rotated_and_deleted() -> RotationWorld:
    world = rotated()
    world.a_person_deletes(world.current_key())
    return world


def with_a_previous_key_that_does_not_answer() -> RotationWorld:
    """Somebody mistyped its secret."""
    world = rotated_and_dead()
    first = world.values["first"]
    wrong = NewKey(access_key_id=first.key_id, secret_access_key="mistyped")
    world.values["first"] = replace(first, key=wrong)
    return world


def with_a_backup(world: RotationWorld) -> RotationWorld:
    world.backup = RotationWorld(
        user=BACKUP,
        user_id=BACKUP_ID,
        tags={SECRET_TAG: BACKUP_SECRET, MODE_TAG: "auto"},
        secret_tags={USER_ID_TAG: BACKUP_ID},
        created=50,
    )
    world.backup.put_current(world.backup.a_person_creates(LONG_AGO))
    return world


def without_a_slot() -> RotationWorld:
    """Both keys are dead, and neither may go."""
    world = RotationWorld()
    spare = world.a_person_creates(LONG_AGO, active=False)
    world.put_current(world.a_person_creates(LONG_AGO))
    world.user_keys[spare].last_use = RECENTLY
    world.an_automation_deactivates(world.current_key())
    return with_a_backup(world)


def without_its_user() -> RotationWorld:
    world = with_one_key()
    world.a_person_deletes_the_user()
    return with_a_backup(world)


# What happens


def returns_to_the_previous_key(world: RotationWorld, actors: Actors) -> Run:
    run = actors.run(world)
    run.fail_over("token-f")
    run.pass_time(3)
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    return run


def returns_and_is_rotated(world: RotationWorld, actors: Actors) -> Run:
    """The key that was saved is replaced like any other in the end."""
    run = returns_to_the_previous_key(world, actors)
    run.completed = False
    run.rotate("token-2")
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    return run


def nobody_repeats_it(world: RotationWorld, actors: Actors) -> Run:
    """The run is lost with its message; somebody starts a rotation two days later."""
    run = actors.run(world)
    run.fail_over("token-f", attempts=1)
    run.pass_time(48, step=6)
    run.rotate("token-2")
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    return run


def borrows(world: RotationWorld, actors: Actors) -> Run:
    run = actors.run(world)
    run.fail_over("token-f", backup=BACKUP)
    run.pass_time(3)
    run.pass_time(12, step=6)
    return run


def borrows_and_returns(world: RotationWorld, actors: Actors) -> Run:
    """The backup's key is replaced meanwhile, and goes only after it was returned."""
    run = borrows(world, actors)
    lent = world.current_key()
    run.rotate("token-b", BACKUP_SECRET)
    used = world.backup.current_key() if world.backup else ""
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=12, also_used=used, moves=False)
    if run.failed_over and world.current_key() == lent and not world.current_works():
        run.errors.append("the lent key was taken away")
    spare = next(key for key in world.user_keys if key != world.values["first"].key_id)
    world.a_person_deletes(spare)
    run.rotate("token-2")
    for _ in range(HOURS_UNTIL_ALL_IS_RETIRED // 12 + 9):  # the lent key may have paused for three days
        run.pass_time(12, step=12)
        world.use(world.backup.current_key() if world.backup else "")
    return run


def interrupted_at(
    number: int, act: Callable[[RotationWorld], None]
) -> Callable[[RotationWorld, Actors], Run]:
    def scenario(world: RotationWorld, actors: Actors) -> Run:
        world.interrupt = Interrupt(number=number, act=lambda: act(world))
        return returns_to_the_previous_key(world, actors)

    return scenario


# What must be in the end


def works_with_its_first_key(run: Run) -> list[str]:
    world, first = run.world, run.world.values["first"].key_id
    found = [] if world.current_key() == first else [f"AWSCURRENT names {world.current_key()}"]
    found += [] if world.current_works() else ["the key that was saved does not work"]
    left = [key for key in world.user_keys if key != first]
    return found + [f"the dead key is still there: {key}" for key in left]


def has_a_new_key(run: Run) -> list[str]:
    world = run.world
    at_last = world.current_key() == world.values["token-2"].key_id if "token-2" in world.values else False
    found = [] if at_last else [f"AWSCURRENT names {world.current_key()}"]
    left = [key for key in world.user_keys if key != world.current_key()]
    return found + [f"a key is still there: {key}" for key in left]


def is_refused(run: Run) -> list[str]:
    return [] if run.refusals and not run.failed_over else ["it was not refused"]


def contains_the_backups_key(run: Run) -> list[str]:
    world, backup = run.world, run.world.backup
    found = [] if backup and world.current_key() in backup.user_keys else ["nothing was lent"]
    value = world.values[_version(world)]
    expected = {"Host": "db.example", "Smtp": smtp_url(value.key)} if value.key else {}
    found += [] if value.others == expected else ["fields lost"]
    found += [] if world.values[_version(world)].user_name == "alice" else ["another user's name"]
    labelled = [version for version, labels in world.labels.items() if LOAN in labels]
    return found + [f"the label of a loan is left on {version}" for version in labelled]


def returned_the_backups_key(run: Run) -> list[str]:
    world, backup = run.world, run.world.backup
    found = [] if world.current_key() in world.user_keys else ["the loan was not returned"]
    found += [] if backup and backup.current_works() else ["the backup has no key that works"]
    lent = backup.values["first"].key_id if backup else ""
    found += [f"the lent key was never retired: {lent}"] if backup and lent in backup.user_keys else []
    states = (world.states[SECRET], world.states[BACKUP_SECRET])
    return found + (["a loan is still recorded"] if states[0].loan or states[1].lent else [])


def _version(world: RotationWorld) -> str:
    return next(version for version, labels in world.labels.items() if "AWSCURRENT" in labels)


SCENARIOS = [
    Scenario(
        "back to the previous key", rotated_and_dead, returns_to_the_previous_key, works_with_its_first_key
    ),
    Scenario(
        "back from a deleted key", rotated_and_deleted, returns_to_the_previous_key, works_with_its_first_key
    ),
    Scenario("back, and rotated later", rotated_and_dead, returns_and_is_rotated, has_a_new_key),
    Scenario("nobody repeats the fail over", rotated_and_dead, nobody_repeats_it),
    Scenario(
        "the previous key does not answer",
        with_a_previous_key_that_does_not_answer,
        returns_to_the_previous_key,
        is_refused,
    ),
    Scenario("a loan", without_a_slot, borrows, contains_the_backups_key),
    Scenario(
        "a loan to a user a user that no longer exists", without_its_user, borrows, contains_the_backups_key
    ),
    Scenario("a loan and its return", without_a_slot, borrows_and_returns, returned_the_backups_key),
]


# Who else acts meanwhile


def the_hourly_function_runs(world: RotationWorld) -> None:
    survive(lambda: a_retirer(world).process(SECRET))


def the_same_runs_elsewhere(world: RotationWorld) -> None:
    survive(lambda: a_fail_over(world).to_previous(SECRET, "token-f"))


def another_requests_it(world: RotationWorld) -> None:
    survive(lambda: a_fail_over(world).to_previous(SECRET, "token-g"))


def a_rotation_is_started(world: RotationWorld) -> None:
    survive(lambda: world.label_pending("token-2"))
    survive(lambda: a_rotator(world).create_secret(SECRET, "token-2"))


def a_person_moves_it_back(world: RotationWorld) -> None:
    """By the command of an alert."""
    for watch in world.watchers:
        watch("promote", (SECRET, "first", "token-1"), {})
    world.labels["token-1"].discard("AWSCURRENT")
    world.labels["token-1"].add("AWSPREVIOUS")
    world.labels["first"] = {"AWSCURRENT"}


CALLS_OF_A_FAIL_OVER = 14
OTHERS = (
    the_hourly_function_runs,
    the_same_runs_elsewhere,
    another_requests_it,
    a_rotation_is_started,
    a_person_moves_it_back,
)


def interrupted() -> list[Scenario]:
    """Broken at the fail over's own calls."""
    return [
        Scenario(
            f"{act.__name__} before call {number}",
            rotated_and_dead,
            interrupted_at(number, act),
            works_with_its_first_key,
            breaks_before=CALLS_OF_A_FAIL_OVER,
        )
        for act in OTHERS
        for number in range(CALLS_OF_A_FAIL_OVER)
    ]
