"""What no signal can be made of goes to the dead letters with its reason; its neighbours get through."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.failures import ALARM
from local.patience import TIMEOUT_SECONDS
from tests.support.builders import a_record, an_event, key_id

if TYPE_CHECKING:
    from local.deployment import Deployment

QUARTER_MEGABYTE = 262_144


def reject(deployment: Deployment, body: str) -> None:
    """Sends a message to the signal queue that is moved to the dead-letter queue, which raises an alarm."""
    deployment.failures.expect(ALARM, "DeadLetters")
    deployment.inject(body)


def dead_letters(deployment: Deployment, beginnings: set[str]) -> dict[str, dict[str, Any]]:
    """The dead letters whose bodies begin so."""
    found: dict[str, dict[str, Any]] = {}
    began = time.monotonic()
    while set(found) != beginnings:
        if time.monotonic() > began + TIMEOUT_SECONDS:
            pytest.fail(f"no such dead letter: {beginnings - set(found)}")
        for message in receive_dead_letters(deployment):
            for beginning in beginnings:
                if message["Body"].startswith(beginning):
                    found[beginning] = message
    return found


def receive_dead_letters(deployment: Deployment) -> list[dict[str, Any]]:
    sqs: Any = deployment.aws.session().client("sqs")
    url = deployment.outputs["DeadLetterQueueUrl"]
    messages: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("this is not JSON", "the body is not JSON"),
        ('{"source": "aws.sts"}', "the event has no detail object"),
        (an_event(a_record(eventTime=7), time=[]), "the record has no usable eventTime"),
        ("x" * QUARTER_MEGABYTE, "the body is not JSON"),
    ],
    ids=["no JSON", "no detail", "no time", "256 KB of nothing"],
)
def test_what_cannot_be_used_is_rejected_with_its_reason(
    deployment: Deployment, body: str, reason: str
) -> None:
    reject(deployment, body)
    [found] = dead_letters(deployment, {body[:40]}).values()
    assert found["MessageAttributes"]["reason"]["StringValue"] == reason


def test_the_neighbours_of_a_bad_message_are_worked_off(deployment: Deployment) -> None:
    stranger = key_id(77, account=deployment.aws.account)
    reject(deployment, "bad neighbour")
    deployment.inject(an_event(a_record(stranger)))
    reject(deployment, "worse neighbour")
    alert = deployment.alerts.wait_for(lambda received: stranger in received.body, 20)
    assert alert is not None
    assert dead_letters(deployment, {"bad neighbour", "worse neighbour"})


def test_a_record_of_256_kb_is_worked_off(deployment: Deployment) -> None:
    stranger = key_id(78, account=deployment.aws.account)
    event = an_event(a_record(stranger, requestParameters={"text": ""}))
    deployment.inject(event.replace('"text": ""', f'"text": "{"x" * (QUARTER_MEGABYTE - len(event))}"'))
    assert deployment.alerts.wait_for(lambda received: stranger in received.body, 20)


def test_a_record_without_a_key_is_one_incident_by_account_principal_and_source(
    deployment: Deployment,
) -> None:
    record = a_record(None, recipientAccountId=deployment.aws.account)
    for _ in range(3):
        deployment.inject(an_event(record))
    alert = deployment.alerts.wait_for(lambda received: "AIDAEXAMPLE" in received.body, 20)
    assert alert is not None
    assert (alert.attributes["decision"], alert.attributes["owner"]) == ("notify", "-")
    key = f"none:{deployment.aws.account}:AIDAEXAMPLE:203.0.113.7"
    deadline = time.monotonic() + 20
    while (items := deployment.incidents_of(key))[0]["count"] != {"N": "3"} and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [item["count"] for item in items] == [{"N": "3"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"requestParameters": None},
        {"eventVersion": "99.7"},
        {"errorMessage": ["a", "list"]},
        {"sourceIPAddress": 7, "userAgent": {}, "awsRegion": None},
        {"recipientAccountId": False, "eventSource": 3.5, "eventName": []},
    ],
    ids=",".join,
)
def test_a_record_of_an_odd_shape_is_worked_off_all_the_same(
    deployment: Deployment, changes: dict[str, Any]
) -> None:
    stranger = key_id(time.time_ns() % 2**31, account=deployment.aws.account)
    record = a_record(stranger, **({"recipientAccountId": deployment.aws.account} | changes))
    deployment.inject(an_event(record, account=deployment.aws.account))
    assert deployment.alerts.wait_for(lambda received: stranger in received.body, 20)


def test_a_record_without_an_identity_is_worked_off_too(deployment: Deployment) -> None:
    deployment.inject(an_event(a_record(userIdentity=None, userAgent="nobody-at-all")))
    assert deployment.alerts.wait_for(lambda received: "nobody-at-all" in received.body, 20)


def test_dead_letters_raise_an_alarm_that_reaches_the_operations_topic(deployment: Deployment) -> None:
    reject(deployment, "a dead letter that nobody fetches")
    name = "ApproximateNumberOfMessagesVisible"
    assert deployment.operations.wait_for(lambda received: received.is_alarm_on(name), 90)
    assert dead_letters(deployment, {"a dead letter that nobody fetches"})


def everything_logged(deployment: Deployment) -> str:
    logs: Any = deployment.aws.session().client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return str([logs.filter_log_events(logGroupName=group)["events"] for group in groups])


def test_a_secret_in_place_of_the_id_is_neither_shown_nor_stored_nor_logged(deployment: Deployment) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    deployment.inject(an_event(a_record(secret, userAgent="app-with-a-secret")))
    alert = deployment.alerts.wait_for(lambda received: "app-with-a-secret" in received.body, 20)
    assert alert is not None
    assert secret not in alert.subject + alert.body
    tables = deployment.aws.session().client("dynamodb")
    kept = str(tables.scan(TableName=deployment.outputs["IncidentTableName"])["Items"])
    hashed = f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"
    logged = everything_logged(deployment)
    assert hashed in kept
    assert "REPORT RequestId" in logged
    assert secret not in kept + logged
