from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.detection.signal_parser import parse_message
from lambdas.errors import PermanentError
from lambdas.rotation.domain.notification import (
    PERSISTS_AFTER,
    UNREPORTED_AFTER,
    Notification,
    NotificationKind,
    failed_id,
)
from lambdas.rotation.domain.secret_description import secret_name_of
from tests.support.builders import ACCOUNT

ARN = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:access-keys/team-a/alice-WoDpmU"
NAME, TOKEN = "access-keys/team-a/alice", "7ac47c8c-f328-423b-9698-6926dd1f293e"
AT = datetime(2026, 3, 14, 12, tzinfo=UTC)


def a_body(**changes: Any) -> str:
    """As published records are."""
    record = {
        "userIdentity": {"accountId": ACCOUNT, "invokedBy": "secretsmanager.amazonaws.com"},
        "eventTime": "2026-03-14T12:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "RotationFailed",
        "errorMessage": "Error when executing lambda arn:aws:lambda:x:1:function:f during testSecret step",
        "requestParameters": None,
        "additionalEventData": {"SecretId": ARN},
        "requestID": f"Rotation-{ARN}-{TOKEN}",
    }
    return json.dumps({"detail-type": "AWS Service Event via CloudTrail", "detail": record | changes})


def parsed(body: str) -> Notification:
    notification = parse_message(body)
    assert isinstance(notification, Notification)
    return notification


def test_a_failed_rotation_is_the_failure_that_the_function_reports() -> None:
    notification = parsed(a_body())
    assert notification.kind is NotificationKind.ROTATION_FAILED
    assert notification.notification_id == failed_id(NAME, TOKEN)
    assert (notification.secret_name, notification.token, notification.step) == (NAME, TOKEN, "testSecret")


def test_it_waits_until_the_function_has_reported_why_it_failed() -> None:
    notification = parsed(a_body())
    assert notification.not_before == AT + UNREPORTED_AFTER
    assert UNREPORTED_AFTER > PERSISTS_AFTER


@pytest.mark.parametrize(
    "where",
    [
        {"additionalEventData": {"SecretId": ARN}},
        {"additionalEventData": None, "serviceEventDetails": {"secretId": ARN}},
        {"additionalEventData": {}, "serviceEventDetails": {"secretId": NAME}},
    ],
)
def test_the_secret_is_read_wherever_the_record_has_it(where: dict[str, Any]) -> None:
    assert parsed(a_body(**where)).secret_name == NAME


def test_without_a_token_one_failure_a_day_is_reported() -> None:
    one, same = parsed(a_body(requestID=None)), parsed(a_body(requestID="else"))
    assert one.notification_id == same.notification_id != parsed(a_body()).notification_id
    next_day = parsed(a_body(requestID=None, eventTime="2026-03-15T00:00:00Z"))
    assert one.notification_id != next_day.notification_id


@pytest.mark.parametrize("event_name", ["RotationStarted", "RotationSucceeded", None, 3])
def test_a_record_of_no_failure_is_nothing(event_name: object) -> None:
    assert parse_message(a_body(eventName=event_name)) is None


@pytest.mark.parametrize("changes", [{"additionalEventData": {}}, {"eventTime": "soon"}, {"eventTime": None}])
def test_without_a_secret_or_a_time_it_cannot_be_used(changes: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        parse_message(a_body(**changes))


def test_the_text_of_the_error_is_not_reported() -> None:
    notification = parsed(a_body(errorMessage="SecretString wJalrXUtnFEMI during nothing"))
    assert "wJalr" not in str(notification)
    assert notification.step == ""


@pytest.mark.parametrize(("secret", "name"), [(ARN, NAME), (NAME, NAME)])
def test_the_name_of_a_secret_is_in_its_arn(secret: str, name: str) -> None:
    assert secret_name_of(secret) == name


def test_a_label_that_is_lost_is_no_failure_of_a_rotation_that_is_known_to_have_succeeded() -> None:
    assert parsed(a_body(eventName="RotationAbandoned")).unless_finished
    assert not parsed(a_body()).unless_finished, "its success may never have been reported"
