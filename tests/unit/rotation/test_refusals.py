"""A refusal that repeats is reported once a day, with its count."""

from __future__ import annotations

from datetime import timedelta

from lambdas.rotation.domain.refusals import Refusal, count_refusal
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.ports import NoFreeSlotError, RefusedError
from lambdas.rotation.rotation_notifications import RotationNotifications
from tests.support.builders import NOON
from tests.support.rotation_runs import Run
from tests.support.rotation_scenarios import with_one_key, without_a_free_slot
from tests.support.rotation_simulation import SECRET, RotationWorld

HOUR = timedelta(hours=1)


def refused(world: RotationWorld, token: str, error: RefusedError) -> None:
    notifications = RotationNotifications(
        secrets=world, keys=world, rotations=world, notifications=world, clock=world.clock
    )
    notifications.send_failure("createSecret", SECRET, token, error)


def tokens_reported(world: RotationWorld) -> list[str]:
    state = world.states[SECRET]
    return [one.token for one in world.sent if not state.is_repeated_refusal(one.token)]


def test_the_same_refusal_is_reported_once_a_day_with_its_count() -> None:
    world = without_a_free_slot()
    for number in range(10):
        error = NoFreeSlotError(f"last used {number} hours ago", ("AKIA1", "AKIA2"))
        for _ in range(4):  # attempts of one rotation
            refused(world, f"token-{number}", error)
        world.now += 3 * HOUR
    assert dict.fromkeys(tokens_reported(world)) == dict.fromkeys(("token-0", "token-8"))
    last = next(one for one in world.sent if one.token == "token-8")
    assert last.facts[-1] == f"9 rotations were refused for this reason since {NOON:%Y-%m-%d} 12:00:00 UTC."


def test_another_reason_is_reported_immediately() -> None:
    world = with_one_key()
    refused(world, "token-1", RefusedError("the kill switch is on"))
    refused(world, "token-2", RefusedError("the kill switch is on"))
    refused(world, "token-3", RefusedError("quarantined"))
    assert tokens_reported(world)[-1] == "token-3"


def test_a_promotion_ends_the_count() -> None:
    world = with_one_key()
    refused(world, "token-1", RefusedError("the kill switch is on"))
    Run(world).rotate("token-2")
    assert world.states[SECRET].refusal is None


def test_only_the_last_tokens_are_kept() -> None:
    refusal: Refusal | None = None
    for number in range(100):
        refusal = count_refusal(refusal, "digest", f"token-{number}", NOON)
    assert refusal is not None
    assert (refusal.count, len(refusal.repeated)) == (100, 20)
    assert RotationState(secret_name=SECRET, refusal=refusal).is_repeated_refusal("token-99")
