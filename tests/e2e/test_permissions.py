"""The function's permissions, taken away one by one: never a wrong cause, always an alarm."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.demo.scenarios import deactivated, deleted, never_issued, with_id, wrong_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.aws.process import LocalAws
    from local.demo.application import Application
    from local.stage import Stage

PATIENCE_SECONDS = 25
MEMORY = 256


@pytest.fixture
def deny(stage: Stage) -> Iterator[Callable[[str], None]]:
    yield from denying(stage, stage.outputs["RemediateFunctionName"])


@pytest.fixture
def deny_the_timer(stage: Stage) -> Iterator[Callable[[str], None]]:
    yield from denying(stage, stage.outputs["AlertTimerFunctionName"])


def denying(stage: Stage, name: str) -> Iterator[Callable[[str], None]]:
    """Denies the function an action, and makes it forget what it knows: what it remembers while warm, by
    another size of its memory, and the witness, which is kept in the lease table.
    """
    iam, functions = stage.aws.session().client("iam"), stage.aws.session().client("lambda")
    function = functions.get_function_configuration(FunctionName=name)
    role = function["Role"].rsplit("/", 1)[-1]
    leases = function["Environment"]["Variables"]["LEASE_TABLE_NAME"]

    def forget(memory: int) -> None:
        functions.update_function_configuration(FunctionName=name, MemorySize=memory)
        witness = {"name": {"S": "witness"}}
        stage.aws.session().client("dynamodb").delete_item(TableName=leases, Key=witness)

    def deny_action(action: str) -> None:
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="taken-away", PolicyDocument=document)
        forget(MEMORY + 1)

    yield deny_action
    iam.delete_role_policy(RoleName=role, PolicyName="taken-away")
    forget(MEMORY)


def failed_records(stage: Stage) -> float:
    now = datetime.now(UTC)
    answer = (
        stage.aws.session()
        .client("cloudwatch")
        .get_metric_statistics(
            Namespace="AccessKeyRemediator",
            MetricName="FailedRecords",
            Dimensions=[{"Name": "service", "Value": "access-key-remediator"}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


def alarms(stage: Stage) -> dict[str, str]:
    found = stage.aws.session().client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["MetricName"]: alarm["StateValue"] for alarm in found}


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.2)
    return is_so()


@pytest.mark.parametrize(
    ("action", "breaks"),
    [
        ("iam:GetAccessKeyLastUsed", deactivated),
        ("iam:GetAccessKeyLastUsed", never_issued()),
        ("iam:ListAccessKeys", deactivated),
        ("iam:ListAccessKeys", deleted),
        ("iam:GetUser", deactivated),
        ("iam:GetUser", deleted),
        ("iam:ListAttachedUserPolicies", deactivated),
        ("iam:ListAttachedUserPolicies", wrong_secret),
        ("iam:ListUsers", never_issued()),
        ("sts:GetAccessKeyInfo", with_id("AKIAJ2345672345672AB")),
        ("cloudtrail:LookupEvents", deactivated),
        ("cloudtrail:LookupEvents", deleted),
        ("cloudtrail:LookupEvents", never_issued()),
        ("dynamodb:Query", deactivated),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_without_a_read_permission_there_is_an_alarm_and_no_alert(
    stage: Stage,
    deny: Callable[[str], None],
    action: str,
    breaks: Callable[[LocalAws], Application],
) -> None:
    before = failed_records(stage)
    deny(action)
    application = breaks(stage.aws)
    application.call("sts", "get_caller_identity")
    assert wait_until(lambda: failed_records(stage) > before)
    assert wait_until(lambda: alarms(stage)["FailedRecords"] == "ALARM")
    key = application.access_key_id
    assert stage.alerts.wait_for(lambda received: key in received.body, 1) is None
    assert not any("cause" in item for item in stage.incidents_of(key))


def test_a_deletion_on_record_needs_no_look_up_whose_loss_the_timer_notices(
    stage: Stage, deny: Callable[[str], None]
) -> None:
    deny("iam:GetAccessKeyLastUsed")
    application = deleted(stage.aws)
    application.call("s3", "list_buckets")
    key = application.access_key_id
    alert = stage.alerts.wait_for(lambda received: key in received.body, PATIENCE_SECONDS)
    assert alert is not None
    assert alert.attributes["cause"] == "key-deleted"


def test_the_timer_notices_that_look_ups_do_not_work_though_nothing_fails(
    stage: Stage, deny_the_timer: Callable[[str], None]
) -> None:
    deny_the_timer("iam:GetAccessKeyLastUsed")
    stranger = never_issued()(stage.aws)  # the other function finds a witness for it
    stranger.call("sts", "get_caller_identity")
    key = stranger.access_key_id
    assert stage.alerts.wait_for(lambda received: key in received.body, PATIENCE_SECONDS)
    before = failed_records(stage)
    functions: Any = stage.aws.session().client("lambda")
    functions.invoke(FunctionName=stage.outputs["AlertTimerFunctionName"], Payload="{}")
    assert wait_until(lambda: failed_records(stage) > before)


def test_the_alarm_reaches_the_operations_topic_and_not_the_alerts(
    stage: Stage, deny: Callable[[str], None]
) -> None:
    deny("iam:GetAccessKeyLastUsed")
    deactivated(stage.aws).call("sts", "get_caller_identity")
    assert stage.operations.wait_for(lambda received: "FailedRecords" in received.body, 60)
    assert not [alert for alert in stage.alerts.received if "FailedRecords" in alert.body]


@pytest.mark.parametrize("action", ["sns:Publish", "events:PutEvents"])
def test_without_one_way_out_the_other_is_used_and_there_is_an_alarm(
    stage: Stage, deny: Callable[[str], None], action: str
) -> None:
    before = failed_records(stage)
    deny(action)
    application = deactivated(stage.aws)
    application.call("sts", "get_caller_identity")
    assert wait_until(lambda: failed_records(stage) > before)
    [item] = stage.incidents_of(application.access_key_id)
    alerted, announced = item["alertsSent"] == {"N": "1"}, item["announced"] == {"S": "key-inactive"}
    assert (alerted, announced) == (action != "sns:Publish", action != "events:PutEvents")
    assert item["attention"] == {"S": "due"}
