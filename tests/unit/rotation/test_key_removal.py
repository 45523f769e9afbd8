"""An unused key makes room for a new one only after people were notified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.errors import TransientError
from lambdas.rotation.domain.notification import NotificationKind
from tests.support.rotation_runs import a_rotator
from tests.support.rotation_scenarios import with_a_slot_to_be_freed
from tests.support.rotation_simulation import SECRET

if TYPE_CHECKING:
    from tests.support.rotation_simulation import RotationWorld


def started() -> tuple[RotationWorld, str]:
    """A rotation that needs the slot of the unused key."""
    world = with_a_slot_to_be_freed()
    world.label_pending("token-1")
    return world, next(key for key in world.user_keys if key != world.current_key())


def test_an_unused_key_is_deleted_after_its_notification() -> None:
    world, unused = started()
    a_rotator(world).create_secret(SECRET, "token-1")
    assert unused not in world.user_keys
    assert [(it.kind, it.access_key_id) for it in world.sent] == [(NotificationKind.KEY_REMOVED, unused)]
    assert world.calls.index("send") < world.calls.index("delete")


def test_an_unused_key_is_kept_while_its_notification_cannot_be_handed_over() -> None:
    world, unused = started()

    def fail(call: str, _args: object, _kwargs: object) -> None:
        if call == "send":
            raise TransientError("sqs:SendMessage: Throttling")

    world.watchers.append(fail)
    with pytest.raises(TransientError):
        a_rotator(world).create_secret(SECRET, "token-1")
    assert unused in world.user_keys


@pytest.mark.parametrize("call", ["states_of", "describe_secret", "value"])
def test_no_key_is_deleted_while_another_secret_cannot_be_read(call: str) -> None:
    world, unused = started()
    world.add_second_secret()
    world.claim("access-keys/alice-2")
    world.claim(SECRET)

    def fail(name: str, args: tuple[object, ...], _kwargs: object) -> None:
        if name == call and args[0] != SECRET:
            raise TransientError(f"{call}: AccessDenied")

    world.watchers.append(fail)
    with pytest.raises(TransientError):
        a_rotator(world).create_secret(SECRET, "token-1")
    assert unused in world.user_keys
