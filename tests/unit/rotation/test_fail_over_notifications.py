from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.fail_over_notifications import FailOverNotifications
from tests.support.builders import NOON, key_id

SECRET = "access-keys/alice"


@pytest.mark.parametrize(
    ("lender", "reason"), [("alice-backup", "it is a key of the backup user alice-backup"), ("", "")]
)
def test_what_a_person_had_switched_names_both_keys_and_the_lender(lender: str, reason: str) -> None:
    sent: list[Notification] = []
    state = RotationState(secret_name=SECRET, user_name="alice", previous_key_id=key_id())
    rotations: Any = SimpleNamespace(read=lambda _: state)
    queue: Any = SimpleNamespace(send=sent.append)
    notifications = FailOverNotifications(rotations=rotations, notifications=queue, clock=lambda: NOON)
    done = FailOverResult(access_key_id=key_id(2), since=NOON, lender=lender)
    for _ in range(2):
        notifications.send(SECRET, done)
    first, again = sent
    assert first == again, "a repeated request is the same notification"
    assert (first.kind, first.user_name) == (NotificationKind.FAILED_OVER, "alice")
    assert (first.access_key_id, first.new_key_id) == (key_id(), key_id(2))
    assert first.reason == reason
