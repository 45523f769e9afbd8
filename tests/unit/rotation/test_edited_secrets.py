"""What people do to the secret and its keys while a rotation runs, between any two of its calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, LOAN, PENDING, PREVIOUS
from tests.support.rotation_runs import STEPS, Run, a_fail_over, a_retirer, a_rotator
from tests.support.rotation_scenarios import with_one_key
from tests.support.rotation_simulation import SECRET, Crash, Interrupt, Mode, RotationWorld, smtp_url

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)


def step(world: RotationWorld, name: str, token: str = "token-1") -> None:
    getattr(a_rotator(world), name)(SECRET, token)


def hourly(world: RotationWorld) -> None:
    a_retirer(world).process(SECRET)


def begun(*names: str) -> RotationWorld:
    world = with_one_key()
    world.label_pending("token-1")
    for name in names:
        step(world, name)
    return world


def dies(act: Callable[[], object]) -> None:
    with pytest.raises((Crash, TransientError, PermanentError)):
        act()


def current_others(world: RotationWorld) -> dict[str, object]:
    return dict(world.values[world.labelled(CURRENT)].others)


def calls_of_a_rotation() -> int:
    world = with_one_key()
    Run(world).rotate("token-1")
    return len(world.calls)


CALLS = range(calls_of_a_rotation() + 1)


def rotated_with(act: Callable[[RotationWorld], None], call: int) -> tuple[RotationWorld, Run]:
    world = with_one_key()
    world.interrupt = Interrupt(number=call, act=lambda: act(world))
    run = Run(world)
    run.rotate("token-1")
    if call >= len(world.calls):
        world.interrupt = None
        act(world)
    return world, run


@pytest.mark.parametrize("call", CALLS)
def test_a_field_that_a_person_adds_at_any_moment_survives_with_the_new_key(call: int) -> None:
    world, run = rotated_with(RotationWorld.a_person_edits, call)
    assert run.completed
    value = world.values[world.labelled(CURRENT)]
    assert value.key
    assert value.others == {"Host": "db.example", "Smtp": smtp_url(value.key), "Note1": "mine"}
    assert world.user_keys[value.key_id].by_us
    assert world.states[SECRET].superseded_ids == {world.values["first"].key_id}
    assert not [labels for labels in world.labels.values() if EDITED in labels]


@pytest.mark.parametrize("call", CALLS)
def test_after_an_edit_at_any_moment_the_next_rotation_is_not_blocked(call: int) -> None:
    world, run = rotated_with(RotationWorld.a_person_edits, call)
    run.pass_time(90, step=2)
    run.completed = False
    run.rotate("token-2")
    assert run.completed, run.errors
    assert current_others(world)["Note1"] == "mine"
    assert set(world.user_keys) == {
        world.current_key(),
        world.values["token-1"].key_id,
    }


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("call", range(14))
def test_wherever_a_promotion_of_an_edited_secret_dies_a_retry_completes_it(call: int, mode: Mode) -> None:
    world = begun(*STEPS[:3])
    world.a_person_edits()
    world.inject = (len(world.calls) + call, mode)
    for _ in range(3):
        try:
            step(world, "finish_secret")
        except (Crash, TransientError):
            continue
    hourly(world)
    world.now += HOUR
    hourly(world)
    assert current_others(world)["Note1"] == "mine"
    assert world.current_key() == world.values["token-1"].key_id
    assert world.states[SECRET].superseded_ids == {world.values["first"].key_id}
    assert not [labels for labels in world.labels.values() if EDITED in labels]
    world.label_pending("token-2")


def promoted_but_not_recorded() -> RotationWorld:
    world = begun(*STEPS[:3])
    world.inject = (len(world.calls) + 6, Mode.DIES_AFTER)
    dies(lambda: step(world, "finish_secret"))
    assert world.calls[-1] == "promote"
    return world


@pytest.mark.parametrize("retried", [True, False])
def test_a_promotion_that_was_not_recorded_before_a_person_edits_the_secret_is_completed(
    *, retried: bool
) -> None:
    world = promoted_but_not_recorded()
    old, new = world.values["first"].key_id, world.current_key()
    world.a_person_edits()
    if retried:
        step(world, "finish_secret")
    hourly(world)
    assert world.current_key() == new
    assert current_others(world)["Note1"] == "mine"
    assert world.states[SECRET].superseded_ids == {old}
    Run(world).pass_time(90, step=2)
    assert set(world.user_keys) == {new}


def test_a_key_that_was_once_in_service_is_never_taken_for_a_lost_one() -> None:
    """It is replaced within the hour, and nothing but its promotion itself shows that it was in service."""
    world = promoted_but_not_recorded()
    second = world.current_key()
    world.a_person_deletes(world.values["first"].key_id)
    world.labels["token-1"].discard(PENDING)
    Run(world).rotate("token-2")
    assert world.current_key() != second
    for _ in range(200):
        world.now += HOUR
        world.use(second)
        hourly(world)
    assert world.user_keys[second].active


def test_a_person_who_moves_aws_current_back_after_a_rotation_is_not_overruled_by_a_retry() -> None:
    world = with_one_key()
    Run(world).rotate("token-1")
    world.a_person_puts(world.values["first"])
    step(world, "finish_secret")
    assert world.current_key() == world.values["first"].key_id
    world.label_pending("token-2")


def broken_and_corrected(world: RotationWorld) -> None:
    good = world.values[world.labelled(CURRENT)]
    world.a_person_puts(None)
    world.a_person_puts(good)


def test_a_rotation_needs_no_readable_previous_version() -> None:
    world = with_one_key()
    broken_and_corrected(world)
    run = Run(world)
    run.rotate("token-1")
    assert run.completed, run.errors
    run.pass_time(90, step=2)
    assert run.errors == []
    assert set(world.user_keys) == {world.current_key()}


def test_the_hourly_function_needs_no_readable_previous_version() -> None:
    world = with_one_key()
    Run(world).rotate("token-1")
    broken_and_corrected(world)
    run = Run(world)
    run.pass_time(90, step=2)
    assert run.errors == []
    assert set(world.user_keys) == {world.current_key()}


def test_a_fail_over_to_an_unreadable_previous_version_is_refused() -> None:
    world = with_one_key()
    broken_and_corrected(world)
    world.an_automation_deactivates(world.current_key())
    with pytest.raises(PermanentError, match="no previous key"):
        a_fail_over(world).to_previous(SECRET, "token-f")


@pytest.mark.parametrize("call", CALLS)
def test_a_text_that_is_corrected_at_once_stops_no_rotation(call: int) -> None:
    world, run = rotated_with(broken_and_corrected, call)
    assert run.completed
    run.pass_time(90, step=2)
    assert set(world.user_keys) == {world.current_key()}


def test_an_unreadable_current_version_is_named_and_changes_nothing() -> None:
    world = with_one_key()
    world.a_person_puts(None)
    world.label_pending("token-1")
    for act in (partial(step, world, "create_secret"), partial(hourly, world)):
        with pytest.raises(PermanentError, match=r"AWSCURRENT of access-keys/alice"):
            act()
    assert list(world.user_keys) == [world.values["first"].key_id]


@pytest.mark.parametrize("lag", [timedelta(), timedelta(seconds=20), timedelta(seconds=55)])
def test_a_key_that_iam_does_not_list_yet_is_waited_for(lag: timedelta) -> None:
    world = with_one_key()
    world.listing_lag = lag
    run = Run(world)
    run.rotate("token-1")
    assert run.completed
    assert (run.refusals, run.errors) == ([], [])


def test_a_key_that_iam_does_not_list_for_minutes_is_no_refusal_and_a_retry_promotes_it() -> None:
    world = with_one_key()
    world.listing_lag = timedelta(minutes=5)
    run = Run(world)
    run.rotate("token-1")
    assert run.completed
    assert run.refusals == []
    new = world.current_key()
    assert run.errors == [f"TransientError: iam:ListAccessKeys does not show the new key {new} yet"]


@pytest.mark.parametrize("lag", [timedelta(seconds=20), timedelta(minutes=5)])
@pytest.mark.parametrize("listings", [0, 1])
def test_a_listing_that_no_longer_shows_a_key_that_works_moves_nothing_back(
    listings: int, lag: timedelta
) -> None:
    world = begun(*STEPS[:3])
    world.second_listing_lag, world.listings = lag, listings
    step(world, "finish_secret")
    assert world.current_key() == world.values["token-1"].key_id
    assert world.states[SECRET].superseded_ids == {world.values["first"].key_id}


def test_a_key_that_no_second_listing_shows_is_kept_if_sts_accepts_it() -> None:
    world = begun(*STEPS[:3])
    world.watchers.append(lambda call, _args, _kwargs: lag_again(world) if call == "promote" else None)
    step(world, "finish_secret")
    assert world.current_key() == world.values["token-1"].key_id


def lag_again(world: RotationWorld) -> None:
    world.listing_lag = timedelta(minutes=5)


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("deleted", [True, False])
def test_a_key_that_a_person_kills_during_its_promotion_does_not_stay_in_aws_current(
    call: int, *, deleted: bool
) -> None:
    world = begun(*STEPS[:3])
    new, old = world.values["token-1"].key_id, world.current_key()

    def kill() -> None:
        if deleted:
            world.a_person_deletes(new)
        else:
            world.a_person_switches(new, on=False)

    world.interrupt = Interrupt(number=len(world.calls) + call, act=kill)
    try:
        step(world, "finish_secret")
    except (TransientError, PermanentError):
        assert world.current_key() == old
    else:  # it was killed after the last look
        assert call >= 7


def test_the_old_key_comes_back_if_the_new_one_is_killed_right_before_aws_current_moves() -> None:
    world = begun(*STEPS[:3])
    new = world.values["token-1"].key_id
    world.watchers.append(
        lambda call, _args, _kwargs: world.a_person_switches(new, on=False) if call == "promote" else None
    )
    with pytest.raises(PermanentError, match="while it was promoted"):
        step(world, "finish_secret")
    assert world.current_key() == world.values["first"].key_id
    assert world.labelled(PREVIOUS) == "token-1"


def test_the_label_of_a_loan_goes_though_nobody_repeats_the_fail_over() -> None:
    world = with_one_key()
    lent = replace(world.values["first"], key=NewKey(access_key_id="AKIALENT", secret_access_key="s"))
    world.values["loan"] = lent
    world.labels["loan"] = {LOAN}
    Run(world).rotate("token-1")
    world.now += HOUR
    hourly(world)
    assert world.labels["loan"] == set()
