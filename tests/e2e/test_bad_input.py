"""What no signal can be made of goes to the dead letters with its reason; its neighbours get through."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import a_record, an_event, key_id

if TYPE_CHECKING:
    from local.stage import Stage

PROMISED_SECONDS = 10
QUARTER_MEGABYTE = 262_144


def dead_letter(stage: Stage, beginning: str) -> dict[str, Any]:
    """The dead letter whose body begins so, with the seconds it took to arrive."""
    sqs, began = stage.aws.session().client("sqs"), time.monotonic()
    while time.monotonic() < began + 2 * PROMISED_SECONDS:
        answer = sqs.receive_message(
            QueueUrl=stage.outputs["DeadLetterQueueUrl"],
            MessageAttributeNames=["All"],
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
        )
        for message in answer.get("Messages", ()):
            sqs.delete_message(
                QueueUrl=stage.outputs["DeadLetterQueueUrl"], ReceiptHandle=message["ReceiptHandle"]
            )
            if message["Body"].startswith(beginning):
                return {**message, "seconds": time.monotonic() - began}
    pytest.fail("no such dead letter")


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
def test_what_cannot_be_used_is_rejected_within_ten_seconds_with_its_reason(
    stage: Stage, body: str, reason: str
) -> None:
    stage.inject(body)
    found = dead_letter(stage, body[:40])
    assert found["MessageAttributes"]["reason"]["StringValue"] == reason
    assert found["seconds"] < PROMISED_SECONDS


def test_the_neighbours_of_a_bad_message_are_worked_off(stage: Stage) -> None:
    stranger = key_id(77, account=stage.aws.account)
    stage.inject("bad neighbour")
    stage.inject(an_event(a_record(stranger)))
    stage.inject("worse neighbour")
    alert = stage.alerts.wait_for(lambda received: stranger in received.body, 20)
    assert alert is not None
    assert dead_letter(stage, "bad neighbour") or dead_letter(stage, "worse neighbour")


def test_a_record_of_256_kb_is_worked_off(stage: Stage) -> None:
    stranger = key_id(78, account=stage.aws.account)
    event = an_event(a_record(stranger, requestParameters={"text": ""}))
    stage.inject(event.replace('"text": ""', f'"text": "{"x" * (QUARTER_MEGABYTE - len(event))}"'))
    assert stage.alerts.wait_for(lambda received: stranger in received.body, 20)


def test_a_record_without_a_key_is_one_incident_by_account_principal_and_source(stage: Stage) -> None:
    record = a_record(None, recipientAccountId=stage.aws.account)
    for _ in range(3):
        stage.inject(an_event(record))
    alert = stage.alerts.wait_for(lambda received: "AIDAEXAMPLE" in received.body, 20)
    assert alert is not None
    assert (alert.attributes["decision"], alert.attributes["owner"]) == ("notify", "-")
    key = f"none:{stage.aws.account}:AIDAEXAMPLE:203.0.113.7"
    deadline = time.monotonic() + 20
    while (items := stage.incidents_of(key))[0]["count"] != {"N": "3"} and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [item["count"] for item in items] == [{"N": "3"}]


def test_a_secret_in_place_of_the_id_is_neither_shown_nor_stored(stage: Stage) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    stage.inject(an_event(a_record(secret, userAgent="app-with-a-secret")))
    alert = stage.alerts.wait_for(lambda received: "app-with-a-secret" in received.body, 20)
    assert alert is not None
    assert secret not in alert.subject + alert.body
    tables = stage.aws.session().client("dynamodb")
    assert secret not in str(tables.scan(TableName=stage.outputs["IncidentTableName"])["Items"])
