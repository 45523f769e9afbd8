"""The function's permissions, taken away one by one: never a wrong cause, always an alarm, never silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.demo.scenario_runner import record_of
from local.demo.scenarios import LISTED, deactivated, deleted, never_issued, with_id, wrong_secret
from local.patience import TIMEOUT_SECONDS
from tests.e2e.denial import (
    DeployedFunction,
    failed_records,
    failed_records_alarm_if_repeated,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.demo.application import Application
    from local.deployment import Deployment
    from local.emulator.process import LocalAws


@pytest.fixture
def deny(deployment: Deployment) -> Iterator[Callable[[str], None]]:
    yield from denying(deployment, deployment.outputs["RemediateFunctionName"])


@pytest.fixture
def deny_the_timer(deployment: Deployment) -> Iterator[Callable[[str], None]]:
    yield from denying(deployment, deployment.outputs["AlertTimerFunctionName"])


def denying(deployment: Deployment, name: str) -> Iterator[Callable[[str], None]]:
    function = DeployedFunction(deployment, name)
    yield function.deny
    function.restore()


@pytest.mark.parametrize(
    ("action", "breaks"),
    [
        ("iam:GetAccessKeyLastUsed", deactivated),
        ("iam:GetAccessKeyLastUsed", never_issued()),
        ("iam:ListAccessKeys", deactivated),
        ("iam:ListAccessKeys", deleted),
        ("iam:GetUser", deleted),
        ("iam:ListAttachedUserPolicies", deactivated),
        ("iam:ListAttachedUserPolicies", wrong_secret),
        ("iam:ListUsers", never_issued()),
        ("sts:GetAccessKeyInfo", with_id("AKIAJ2345672345672AB")),
        ("cloudtrail:LookupEvents", never_issued()),
        ("dynamodb:Query", deactivated),
        ("dynamodb:BatchGetItem", deactivated),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_without_what_could_change_the_cause_there_is_an_alarm_and_the_alert_waits(
    deployment: Deployment,
    deny: Callable[[str], None],
    action: str,
    breaks: Callable[[LocalAws], Application],
) -> None:
    deny(action)
    assert_an_alarm_and_no_alert(deployment, breaks(deployment.aws))


@pytest.mark.parametrize(
    ("action", "breaks", "cause", "unread"),
    [
        ("iam:ListAccessKeys", deactivated, "unknown-key", "whether IAM lists the key"),
        ("iam:ListAttachedUserPolicies", deactivated, "key-inactive", "whether AWS marked the owner's key"),
        ("cloudtrail:LookupEvents", never_issued(), "unknown-key", "who changed the key"),
        ("dynamodb:BatchGetItem", deactivated, "key-inactive", "what the ledger has of the key"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_at_the_third_delivery_an_alert_says_what_could_not_be_read(
    deployment: Deployment,
    deny: Callable[[str], None],
    action: str,
    breaks: Callable[[LocalAws], Application],
    cause: str,
    unread: str,
) -> None:
    deny(action)
    application = breaks(deployment.aws)
    deliver(deployment, application, deliveries=3)
    alert = deployment.alerts.wait_for(
        lambda received: application.access_key_id in received.body, TIMEOUT_SECONDS
    )
    assert alert is not None
    assert alert.attributes["cause"] == cause
    assert f"Could not be read: {unread}" in alert.body
    assert failed_records_alarm_if_repeated(deployment)


def deliver(deployment: Deployment, application: Application, *, deliveries: int) -> None:
    """Invokes the function with a message as SQS delivers it for this time."""
    body = record_of(
        application.access_key_id,
        deployment.aws.account,
        {"errorCode": "InvalidClientTokenId", "errorMessage": LISTED},
    )
    attributes = {"ApproximateReceiveCount": str(deliveries)}
    event = {"Records": [{"messageId": "m1", "body": body, "attributes": attributes}]}
    functions: Any = deployment.aws.session().client("lambda")
    functions.invoke(FunctionName=deployment.outputs["RemediateFunctionName"], Payload=json.dumps(event))


def test_without_the_history_there_is_an_alarm_and_an_alert_for_a_deactivation_that_the_ledger_does_not_have(
    deployment: Deployment, deny: Callable[[str], None]
) -> None:
    deny("cloudtrail:LookupEvents")
    before = failed_records(deployment)
    application = deactivated(deployment.aws)
    entry = deployment.ledger.await_entry(
        application.access_key_id, lambda entry: entry.get("state") == "Inactive"
    )
    del entry["recordedStatus"]
    deployment.ledger.put(entry)
    application.call("sts", "get_caller_identity")
    key = application.access_key_id
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert alert.attributes["cause"] == "key-inactive"
    assert "Could not be read: who changed the key, and when (cloudtrail[:]LookupEvents" in alert.body
    assert wait_until(lambda: failed_records(deployment) > before)
    assert failed_records_alarm_if_repeated(deployment)


def assert_an_alarm_and_no_alert(deployment: Deployment, application: Application) -> None:
    before = failed_records(deployment)
    application.call("sts", "get_caller_identity")
    assert wait_until(lambda: failed_records(deployment) > before)
    assert failed_records_alarm_if_repeated(deployment)
    key = application.access_key_id
    assert deployment.alerts.wait_for(lambda received: key in received.body, 1) is None
    assert not any("cause" in item for item in deployment.incidents_of(key))


def test_a_deleted_key_is_explained_from_the_ledger_while_the_history_cannot_be_read(
    deployment: Deployment, deny: Callable[[str], None]
) -> None:
    deny("cloudtrail:LookupEvents")
    application = deleted(deployment.aws)
    key = application.access_key_id
    assert deployment.ledger.await_entry(key, lambda entry: "deletion" in entry)
    application.call("s3", "list_buckets")
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert (alert.attributes["cause"], alert.attributes["owner"]) == ("key-deleted", application.user_name)
    assert "user/administrator deleted it at 20" in alert.body


def test_a_deletion_on_record_needs_no_look_up_whose_loss_the_timer_notices(
    deployment: Deployment, deny: Callable[[str], None]
) -> None:
    deny("iam:GetAccessKeyLastUsed")
    application = deleted(deployment.aws)
    application.call("s3", "list_buckets")
    key = application.access_key_id
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert alert.attributes["cause"] == "key-deleted"


def test_the_timer_finds_that_look_ups_do_not_work_though_nothing_fails(
    deployment: Deployment, deny_the_timer: Callable[[str], None]
) -> None:
    deny_the_timer("iam:GetAccessKeyLastUsed")
    stranger = never_issued()(deployment.aws)  # the other function finds a probe key for it
    stranger.call("sts", "get_caller_identity")
    key = stranger.access_key_id
    assert deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    before = failed_records(deployment)
    functions: Any = deployment.aws.session().client("lambda")
    functions.invoke(FunctionName=deployment.outputs["AlertTimerFunctionName"], Payload="{}")
    assert wait_until(lambda: failed_records(deployment) > before)


def test_the_alarm_reaches_the_operations_topic_and_not_the_alerts(
    deployment: Deployment, deny: Callable[[str], None]
) -> None:
    before = failed_records(deployment)
    deny("iam:GetAccessKeyLastUsed")
    deactivated(deployment.aws).call("sts", "get_caller_identity")
    assert wait_until(lambda: failed_records(deployment) > before)
    assert failed_records_alarm_if_repeated(deployment)
    assert deployment.operations.wait_for(lambda received: received.is_alarm_on("FailedRecords"), 60)
    assert not [alert for alert in deployment.alerts.received if "FailedRecords" in alert.body]


@pytest.mark.parametrize("action", ["sns:Publish", "events:PutEvents"])
def test_without_one_way_out_the_other_is_used_and_there_is_an_alarm(
    deployment: Deployment, deny: Callable[[str], None], action: str
) -> None:
    before = failed_records(deployment)
    deny(action)
    application = deactivated(deployment.aws)
    application.call("sts", "get_caller_identity")
    key = application.access_key_id
    assert wait_until(lambda: failed_records(deployment) > before)
    assert wait_until(lambda: [it.get("attention") for it in deployment.incidents_of(key)] == [{"S": "told"}])
    [item] = deployment.incidents_of(key)
    pending = {channel for channel, messages in item["outbox"]["M"].items() if messages["L"]}
    assert pending == ({"alerts", "chat"} if action == "sns:Publish" else {"events"})
    assert item["alertsSent"] == {"N": "0" if action == "sns:Publish" else "1"}
