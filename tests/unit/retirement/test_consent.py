"""Nothing is done to the keys of a user that is no longer bound to the secret; and its present secret is
nobody else's business.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import SECRET_TAG, USER_ID_TAG
from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.secret_description import PENDING
from tests.support.fail_over_scenarios import rotated
from tests.support.rotation_runs import POLICY, STEPS, a_retirer, a_rotator
from tests.support.rotation_simulation import SECOND_SECRET, SECRET, USER_ID, RotationWorld

HOUR = timedelta(hours=1)


def two_secrets() -> RotationWorld:
    """One user whose claim moves from one secret to another."""
    world = RotationWorld()
    world.put_current("")
    world.add_second_secret()
    return world


def throttle(call: str, _args: object, _kwargs: object) -> None:
    if call == "create":
        raise TransientError("iam:CreateAccessKey: Throttling")


def a_rotation_that_died(world: RotationWorld) -> None:
    """Before its CreateAccessKey: its intent is written."""
    world.label_pending("token-a")
    world.watchers.append(throttle)
    with pytest.raises(TransientError):
        a_rotator(world).create_secret(SECRET, "token-a")
    world.watchers.clear()


def moved_to_another_secret() -> RotationWorld:
    world = two_secrets()
    a_rotation_that_died(world)
    world.tags[SECRET_TAG] = SECOND_SECRET
    world.label_pending("token-b", SECOND_SECRET)
    for step in STEPS:
        getattr(a_rotator(world), step)(SECOND_SECRET, "token-b")
    assert all(world.works()[1:])
    return world


REACTIVATING = replace(POLICY, reactivates=True)


def retired() -> tuple[RotationWorld, str]:
    """A replaced key that the hourly function has deactivated."""
    world = rotated()
    old = next(iter(world.user_keys))
    while world.user_keys[old].active:
        world.now += HOUR
        world.consume()
        a_retirer(world).process(SECRET)
    world.now += HOUR
    return world, old


def hours_pass(world: RotationWorld, hours: int, *secrets: str) -> list[Step]:
    taken = []
    for _ in range(hours):
        world.now += HOUR
        world.synchronise_clock()
        taken += [done.step for secret in secrets for done in a_retirer(world).process(secret)]
    return taken


def test_the_key_of_the_present_secret_is_no_orphan_of_a_previous_one() -> None:
    world = moved_to_another_secret()
    hours_pass(world, 3, SECRET, SECOND_SECRET)
    assert world.outages == []
    assert all(world.works()[1:])


def test_nor_once_the_user_claims_the_previous_secret_again() -> None:
    world = moved_to_another_secret()
    world.tags[SECRET_TAG] = SECRET
    hours_pass(world, 3, SECRET)
    assert all(world.works()[1:])


def test_the_dead_rotation_of_a_previous_secret_is_abandoned_too() -> None:
    world = moved_to_another_secret()
    hours_pass(world, 3, SECRET)
    assert PENDING not in world.labels["token-a"]
    assert world.states[SECRET].intents == {}


def test_the_orphaned_keys_of_an_unbound_user_are_left_until_it_is_bound_again() -> None:
    world = RotationWorld()
    world.put_current("")
    world.label_pending("token-1")
    a_rotator(world).create_secret(SECRET, "token-1")
    lost = world.values["token-1"].key_id
    tags, world.tags = world.tags, {}
    hours_pass(world, 4, SECRET)
    assert lost in world.user_keys
    world.tags = tags
    hours_pass(world, 4, SECRET)
    assert lost not in world.user_keys


@pytest.mark.parametrize("unbound", ["user", "secret"])
def test_a_replaced_key_of_an_unbound_user_is_left_alone_and_nothing_fails(unbound: str) -> None:
    world = rotated()
    old = next(iter(world.user_keys))
    if unbound == "user":
        world.tags = {}
    else:
        world.secret_tags = {USER_ID_TAG: f"{USER_ID}-of-before"}
    began = len(world.calls)
    taken = set()
    for _ in range(96):
        world.consume()
        taken |= set(hours_pass(world, 1, SECRET))
    assert taken == {Step.BLOCKED}
    assert world.user_keys[old].active
    assert {"switch", "delete"}.isdisjoint(world.calls[began:])


@pytest.mark.parametrize("why", ["", "quarantined", "not enrolled", "bound to another"])
def test_a_missed_key_is_reactivated_only_if_a_new_one_could_be_created(why: str) -> None:
    """It may be the thief who misses it."""
    world, old = retired()
    world.policy = "AWSCompromisedKeyQuarantineV3" if why == "quarantined" else ""
    world.tags = {} if why == "not enrolled" else world.tags
    world.secret_tags = {} if why == "bound to another" else world.secret_tags
    world.use(old)
    world.now += HOUR
    taken = replace(a_retirer(world), policy=REACTIVATING).process(SECRET)
    assert [done.step for done in taken] == [Step.BLOCKED if why else Step.REACTIVATE]
    assert world.user_keys[old].active == (not why)


def test_a_retired_key_that_a_person_deactivated_too_is_not_reactivated() -> None:
    """UpdateAccessKey changes nothing then, but says that the key is to stay off."""
    world, old = retired()
    world.a_person_switches(old, on=False)
    world.now += HOUR
    world.use(old)
    world.now += HOUR
    taken = replace(a_retirer(world), policy=REACTIVATING).process(SECRET)
    assert [done.step for done in taken] == [Step.WAIT]
    assert not world.user_keys[old].active


def test_a_replaced_key_that_another_secret_contains_is_left_until_that_secret_is_gone() -> None:
    world = rotated()
    old = next(iter(world.user_keys))
    second = world.add_second_secret()
    second.put_current(old)
    world.claim(SECOND_SECRET)
    world.claim(SECRET)
    for _ in range(30):
        world.consume()
        hours_pass(world, 1, SECRET)
    world.consume()
    (left,) = a_retirer(world).process(SECRET)
    assert (left.step, left.facts.unbound) == (Step.BLOCKED, f"the secret {SECOND_SECRET} needs it, too")
    assert world.user_keys[old].active
    second.labels.clear()
    taken: list[Step] = []
    for _ in range(60):
        world.consume()
        taken += hours_pass(world, 1, SECRET)
    assert old not in world.user_keys
    assert {Step.DEACTIVATE, Step.DELETE} <= set(taken)
