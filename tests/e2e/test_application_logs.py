"""A dead key that only an application's log shows, from the line to the alert."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.cdk import Cdk
from local.demo.scenarios import deactivated
from local.deployment import open_deployment
from local.failures import ALARM
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Deployment

GROUP, MISSING = "/aws/lambda/orders", "not-there-yet"
LONG_ENOUGH_SECONDS = 4
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq8h3Kd0Ls"


@pytest.fixture(scope="module")
def reading_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """No log group exists when it is deployed, which fails no deployment."""
    state = tmp_path_factory.mktemp("reading-deployment")
    with open_deployment(state, applicationLogs={"logGroups": [GROUP, MISSING]}) as opened:
        opened.failures.expect(ALARM, "UnreadLogGroups")
        yield opened


def logs_of(deployment: Deployment) -> Any:
    return deployment.aws.session().client("logs")


def subscribe(deployment: Deployment) -> None:
    """As the schedule does every hour."""
    name = deployment.outputs["SubscribeLogsFunctionName"]
    functions: Any = deployment.aws.session().client("lambda")
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def write(deployment: Deployment, *lines: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    logs_of(deployment).put_log_events(logGroupName=GROUP, logStreamName="stream", logEvents=events)


def a_line(access_key_id: str) -> str:
    return (
        "ERROR upload failed: <Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided "
        f"does not exist in our records.</Message><AWSAccessKeyId>{access_key_id}</AWSAccessKeyId> {SECRET}"
    )


def filters(deployment: Deployment) -> list[str]:
    found = logs_of(deployment).describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]
    return [each["filterName"] for each in found]


@pytest.fixture(scope="module")
def read_deployment(reading_deployment: Deployment) -> Deployment:
    """Its log group was created after the deployment, and has a filter of somebody else."""
    logs = logs_of(reading_deployment)
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="stream")
    subscribe(reading_deployment)
    assert filters(reading_deployment) == ["AccessKeyRemediator-refused-calls"]
    return reading_deployment


def test_a_dead_key_that_only_a_log_shows_is_reported_with_its_owner(read_deployment: Deployment) -> None:
    application = deactivated(read_deployment.aws)
    key = application.access_key_id
    write(read_deployment, "an ordinary line", *[a_line(key)] * 3)
    alert = read_deployment.alerts.wait_for(lambda each: each.is_of_incident(key), TIMEOUT_SECONDS)
    assert alert is not None
    assert f"key-inactive: {application.user_name}" in alert.subject
    assert GROUP in alert.body
    assert SECRET not in alert.body
    [incident] = read_deployment.incidents_of(key)
    assert SECRET not in json.dumps(incident)
    # A subscriber that logs each alert starts no loop.
    logged = json.dumps({"Subject": alert.subject, "Message": alert.body})
    write(read_deployment, logged, alert.body + a_line(key))
    time.sleep(LONG_ENOUGH_SECONDS)
    [again] = read_deployment.incidents_of(key)
    assert again["count"] == incident["count"] == {"N": "3"}


def test_log_groups_that_are_not_configured_any_more_keep_no_filter(read_deployment: Deployment) -> None:
    without = {**read_deployment.config, "applicationLogs": {"logGroups": []}}
    Cdk(read_deployment.aws).deploy(without)
    assert filters(read_deployment) == []
