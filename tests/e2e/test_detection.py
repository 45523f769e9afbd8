"""What comes in, and what cannot: forged events; and what machines are told."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.cdk import Cdk, CdkError
from local.demo.scenarios import deactivated
from local.inbox import Inbox
from tests.support.builders import a_record, key_id

if TYPE_CHECKING:
    from local.deployment import Stage

LONG_ENOUGH_SECONDS = 4


def put_event(stage: Stage, source: str, access_key_id: str) -> dict[str, Any]:
    events: Any = stage.aws.session().client("events")
    entry = {
        "Source": source,
        "DetailType": "AWS API Call via CloudTrail",
        "Detail": json.dumps(a_record(access_key_id)),
    }
    answered: dict[str, Any] = events.put_events(Entries=[entry])["Entries"][0]
    return answered


def test_nobody_can_forge_a_signal(stage: Stage) -> None:
    stranger = key_id(66, account=stage.aws.account)
    assert put_event(stage, "aws.sts", stranger)["ErrorCode"] == "NotAuthorizedForSourceException"
    assert "EventId" in put_event(stage, "my.sts", stranger)
    time.sleep(LONG_ENOUGH_SECONDS)
    assert stage.incidents_of(stranger) == []


def test_every_transition_is_an_event_on_the_incident_bus(stage: Stage) -> None:
    listener = Inbox.open(stage.aws.session(), "machines")
    allow_the_rule(stage, listener)
    application = deactivated(stage.aws)
    application.call("sts", "get_caller_identity")
    event = next_event(listener)
    assert (event["source"], event["detail-type"]) == ("access-key-remediator", "Access Key Incident")
    detail = event["detail"]
    assert detail["accessKeyId"] == application.access_key_id
    assert (detail["cause"], detail["decision"]) == ("key-inactive", "notify")
    assert detail["owner"]["name"] == application.user_name
    assert detail["callers"][0]["source"] == "127.0.0.1"


def allow_the_rule(stage: Stage, listener: Inbox) -> None:
    events, bus = stage.aws.session().client("events"), stage.outputs["IncidentBusName"]
    pattern = json.dumps({"source": ["access-key-remediator"]})
    let_in(listener, events.put_rule(Name="machines", EventBusName=bus, EventPattern=pattern)["RuleArn"])
    events.put_targets(Rule="machines", EventBusName=bus, Targets=[{"Id": "1", "Arn": listener.arn}])


def let_in(listener: Inbox, rule: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": listener.arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    listener.client.set_queue_attributes(QueueUrl=listener.queue_url, Attributes={"Policy": policy})


def next_event(listener: Inbox) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = listener.client.receive_message(QueueUrl=listener.queue_url, WaitTimeSeconds=1)
        for message in answer.get("Messages", ()):
            event: dict[str, Any] = json.loads(message["Body"])
            return event
    pytest.fail("no event came")


def test_a_deployed_stack_has_no_difference_to_its_code(stage: Stage) -> None:
    assert "There were no differences" in Cdk(stage.aws).diff(stage.config)


def test_a_misspelt_configuration_stops_the_cdk_with_the_fields_name(stage: Stage) -> None:
    with pytest.raises(CdkError, match=r"access-key-remediator\.mode.*loud"):
        Cdk(stage.aws).diff({"mode": "loud"})
