"""Which events are accepted, which forged events are not, and the incident events that are published."""

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
    from local.deployment import Deployment

LONG_ENOUGH_SECONDS = 4


def put_event(deployment: Deployment, source: str, access_key_id: str) -> dict[str, Any]:
    events: Any = deployment.aws.session().client("events")
    entry = {
        "Source": source,
        "DetailType": "AWS API Call via CloudTrail",
        "Detail": json.dumps(a_record(access_key_id)),
    }
    answered: dict[str, Any] = events.put_events(Entries=[entry])["Entries"][0]
    return answered


def test_nobody_can_forge_a_signal(deployment: Deployment) -> None:
    stranger = key_id(66, account=deployment.aws.account)
    assert put_event(deployment, "aws.sts", stranger)["ErrorCode"] == "NotAuthorizedForSourceException"
    assert "EventId" in put_event(deployment, "my.sts", stranger)
    time.sleep(LONG_ENOUGH_SECONDS)
    assert deployment.incidents_of(stranger) == []


def test_every_transition_is_an_event_on_the_incident_bus(deployment: Deployment) -> None:
    listener = Inbox.open(deployment.aws.session(), "machines")
    allow_the_rule(deployment, listener)
    application = deactivated(deployment.aws)
    application.call("sts", "get_caller_identity")
    event = next_event(listener)
    assert (event["source"], event["detail-type"]) == ("access-key-remediator", "Access Key Incident")
    detail = event["detail"]
    assert detail["accessKeyId"] == application.access_key_id
    assert (detail["cause"], detail["decision"]) == ("key-inactive", "notify")
    assert detail["owner"]["name"] == application.user_name
    assert detail["callers"][0]["source"] == "127.0.0.1"


def allow_the_rule(deployment: Deployment, listener: Inbox) -> None:
    events, bus = deployment.aws.session().client("events"), deployment.outputs["IncidentBusName"]
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


def test_a_deployed_stack_has_no_difference_to_its_code(deployment: Deployment) -> None:
    assert "There were no differences" in Cdk(deployment.aws).diff(deployment.config)


def test_a_misspelt_configuration_stops_the_cdk_with_the_fields_name(deployment: Deployment) -> None:
    with pytest.raises(CdkError, match=r"access-key-remediator\.mode.*loud"):
        Cdk(deployment.aws).diff({"mode": "loud"})
