"""Each refusal of the rotation function, by its name, and which comes first where several hold."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.ports import RefusedError
from lambdas.rotation.preconditions import Preconditions
from tests.support.descriptions import KEY_ARN
from tests.support.rotation_simulation import SECRET, USER, USER_ID, RotationWorld

Spoil = Callable[[RotationWorld], None]


def user_gone(world: RotationWorld) -> None:
    world.user_id = ""


def quarantined(world: RotationWorld) -> None:
    world.policy = "AWSCompromisedKeyQuarantineV3"


def stopped(world: RotationWorld) -> None:
    world.kill_switch = True


def not_enrolled(world: RotationWorld) -> None:
    world.tags = {}


def another_user_of_the_name(world: RotationWorld) -> None:
    world.user_id = "AIDANEWALICE"


def bound_to_nobody(world: RotationWorld) -> None:
    world.secret_tags = {}


def encrypted_with_another_key(world: RotationWorld) -> None:
    world.key_ids = ("arn:another",)


IN_ORDER: dict[Spoil, str] = {
    user_gone: "the user no longer exists",
    quarantined: "the user is quarantined by AWSCompromisedKeyQuarantineV3",
    stopped: "the kill switch is on",
    not_enrolled: "binding refused: the user is not enrolled",
    bound_to_nobody: "binding refused: the secret names no user",
    another_user_of_the_name: "binding refused: the secret is bound to another user",
    encrypted_with_another_key: "binding refused: the secret is not encrypted with a key of this"
    " deployment but with arn[:]another",
}


def refusal(world: RotationWorld) -> str:
    guard = Preconditions(keys=world, switches=world, prefix="access-keys/", key_arns=(KEY_ARN,))
    with pytest.raises(RefusedError) as caught:
        guard.check(world.describe_secret(SECRET), USER)
    return str(caught.value)


def test_a_bound_user_without_a_refusal_may_have_a_key() -> None:
    world = RotationWorld()
    guard = Preconditions(keys=world, switches=world, prefix="access-keys/", key_arns=(KEY_ARN,))
    assert guard.check(world.describe_secret(SECRET), USER) == USER_ID
    assert guard.user_id_of(world.describe_secret(SECRET)) == USER_ID


@pytest.mark.parametrize(("spoil", "expected"), list(IN_ORDER.items()))
def test_each_refusal_names_its_guardrail(spoil: Spoil, expected: str) -> None:
    world = RotationWorld()
    spoil(world)
    assert refusal(world).startswith(expected)


POSSIBLE = [pair for pair in combinations(IN_ORDER, 2) if set(pair) != {user_gone, another_user_of_the_name}]


@pytest.mark.parametrize(("first", "second"), POSSIBLE)
def test_of_two_refusals_the_more_serious_is_named(first: Spoil, second: Spoil) -> None:
    world = RotationWorld()
    second(world)
    first(world)
    assert refusal(world).startswith(IN_ORDER[first])


def test_what_cannot_be_read_is_no_permission() -> None:
    world = RotationWorld()

    def unreadable(_name: str) -> str:
        raise TransientError("AccessDenied")

    world.quarantine_policy = unreadable  # type: ignore[method-assign]
    guard = Preconditions(keys=world, switches=world, prefix="access-keys/", key_arns=(KEY_ARN,))
    with pytest.raises(TransientError):
        guard.check(world.describe_secret(SECRET), USER)


def test_a_secret_that_is_bound_to_nobody_is_nobodys() -> None:
    world = RotationWorld(secret_tags={"team": "payments"})
    assert USER_ID_TAG not in world.secret_tags
    assert not Preconditions(keys=world, switches=world, prefix="", key_arns=(KEY_ARN,)).user_id_of(
        world.describe_secret(SECRET)
    )
