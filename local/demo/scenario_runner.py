"""Runs a scenario on a local AWS and compares the alerts with the expected ones."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.detection.report_parser import DETAIL_TYPE, EVENT, SOURCE
from local.demo.application import new_application
from local.demo.health_events import a_health_event
from local.demo.outcome import PROMISED_SECONDS, ExpectedAlert, Outcome
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.diagnosis.domain.cause import Cause, Severity
    from local.demo.application import Application
    from local.demo.scenarios import Scenario
    from local.deployment import Deployment

SETTLING_SECONDS = 2.0
FIRST_THRESHOLD = 10  # the first of alerts.countThresholds in cdk.json
UNRELATED_ERROR = {"errorMessage": "You are not allowed to use this image, whatever your key"}
HEALTHY_KEY = "healthy key, unrelated error (injected)"


def run_scenario(deployment: Deployment, scenario: Scenario) -> Outcome:
    application = scenario.breaks(deployment.aws)
    if scenario.awaited_attribute:
        deployment.ledger.await_user(application.user_name, lambda entry: scenario.awaited_attribute in entry)
    began = time.monotonic()
    problems = list(_make_calls(deployment, scenario, application))
    key = application.incident_key
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    owner = application.user_name if scenario.owner_is_known else "-"
    expected = notification(scenario.cause, scenario.severity, owner)
    problems += expected.problems_with(alert)
    problems += _problems_with_the_count(deployment, key, scenario.calls)
    seconds = alert.at - began if alert else TIMEOUT_SECONDS
    delays = expected.delay_of(alert, began)
    lines = (str(expected),)
    return Outcome(scenario.name, scenario.description, lines, alert, seconds, tuple(problems), delays)


def _make_calls(deployment: Deployment, scenario: Scenario, application: Application) -> Iterator[str]:
    """Yields a problem unless the calls get the error code of the scenario."""
    if scenario.is_exposed:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        event = a_health_event(application.access_key_id, account=deployment.aws.account, time=now)
        deployment.inject(json.dumps(event), "KeyLifeCycleQueueUrl")
        return
    if scenario.injected:
        deployment.inject(record_of(application.access_key_id, deployment.aws.account, scenario.injected))
        return
    if scenario.reported:
        put_report(deployment.aws.session(), application.access_key_id)
        return
    codes = {application.call(scenario.service, scenario.operation) for _ in range(scenario.calls)}
    if codes - {scenario.error_code}:
        yield f"the call got {codes}"


def notification(
    cause: Cause, severity: Severity, owner: str, *, seconds: float = PROMISED_SECONDS
) -> ExpectedAlert:
    """The expected alert if nothing is to be changed."""
    attributes = {"cause": cause.value, "decision": "notify", "severity": severity.value, "owner": owner}
    return ExpectedAlert(attributes, seconds)


def _problems_with_the_count(deployment: Deployment, key: str, calls: int) -> Iterator[str]:
    """Repeated failures may arrive after the alert. They must be counted, and must not cause another alert
    before the configured number is reached.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while _count(deployment, key) < calls and time.monotonic() < deadline:
        time.sleep(0.2)
    if (count := _count(deployment, key)) != calls:
        yield f"{count} calls were counted, not {calls}"
    alerts = [received for received in deployment.alerts.received if key in received.body]
    if len(alerts) > 1 + (calls >= FIRST_THRESHOLD):
        yield f"{len(alerts)} alerts came for one incident"


def _count(deployment: Deployment, key: str) -> int:
    return sum(int(item["count"]["N"]) for item in deployment.incidents_of(key))


def run_healthy_key(deployment: Deployment) -> Outcome:
    """A working key whose call failed for another reason with a key failure code: no alert is sent.

    The record is injected, because the local AWS does not give this error.
    """
    application = new_application(deployment.aws, "healthy")
    began = time.monotonic()
    deployment.inject(record_of(application.access_key_id, deployment.aws.account, UNRELATED_ERROR))
    key, problems = application.access_key_id, []
    while _count(deployment, key) < 1 and time.monotonic() < began + TIMEOUT_SECONDS:
        time.sleep(0.2)
    seconds = time.monotonic() - began
    alert = deployment.alerts.wait_for(lambda received: key in received.body, SETTLING_SECONDS)
    decisions = {item["decision"]["S"] for item in deployment.incidents_of(key) if "decision" in item}
    if alert or decisions != {"suppress"}:
        problems.append(f"decided {decisions or 'nothing'}, alert {alert and alert.subject}")
    return Outcome(
        HEALTHY_KEY,
        "A call with a working key fails with AuthFailure, but its message is about something else.",
        ("no alert, decision suppress",),
        alert,
        seconds,
        tuple(problems),
        decision=", ".join(sorted(decisions)) or "-",
    )


def put_report(session: Any, access_key_id: str, **claims: object) -> None:  # noqa: ANN401 -- boto3 sessions are untyped
    """Puts a report of a refused call on the default bus (docs/reports.md)."""
    report = {
        "event": EVENT,
        "schemaVersion": "1.0",
        "accessKeyId": access_key_id,
        "errorCode": "InvalidClientTokenId",
        "errorMessage": "The security token included in the request is invalid.",
        "service": "sts",
        "operation": "GetCallerIdentity",
        "host": "ci-7",
        "at": datetime.now(UTC).isoformat(),
    }
    entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(report | claims)}
    answer = session.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the report was not accepted: {answer['Entries']}")


def record_of(access_key_id: str, account: str, fields: Mapping[str, Any]) -> str:
    """A CloudTrail record in its envelope, of a call made now."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "eventTime": now,
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Boto3",
        "errorCode": "Client.AuthFailure",
        "recipientAccountId": account,
        **fields,
    }
    identity = {"type": "IAMUser", "accountId": account} | record.get("userIdentity", {})
    record["userIdentity"] = identity | {"accessKeyId": access_key_id}
    envelope = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "time": now}
    return json.dumps(envelope | {"account": account, "region": "us-east-1", "detail": record})
