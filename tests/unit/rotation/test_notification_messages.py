from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.notification_messages import notification_body, parse_notification

NOTIFICATION = Notification(
    notification_id="rotation-failed:access-keys/alice:token",
    kind=NotificationKind.ROTATION_FAILED,
    at=datetime(2026, 3, 14, 12, tzinfo=UTC),
    secret_name="access-keys/alice",
    user_name="alice",
    access_key_id="AKIARZPUZDIKAAAAAAAB",
    step="testSecret",
    reason="AWS does not accept the new key yet",
    facts=("AWSCURRENT is unchanged.",),
    held_keys=("AKIARZPUZDIKAAAAAAAB", "AKIARZPUZDIKAAAAAAAC"),
    unless_sent="another",
    counts_as="alike",
)


def test_this_notification_arrives_as_it_was_sent() -> None:
    assert parse_notification(json.loads(notification_body(NOTIFICATION))) == NOTIFICATION


@pytest.mark.parametrize("missing", ["kind", "at", "notificationId"])
def test_a_message_without_a_kind_a_time_or_an_id_is_no_notification(missing: str) -> None:
    event = json.loads(notification_body(NOTIFICATION))
    del event["detail"][missing]

    with pytest.raises(PermanentError):
        parse_notification(event)
