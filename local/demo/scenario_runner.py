"""Runs a scenario on a local AWS and compares the alerts with the expected ones."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.demo.application import new_application

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.diagnosis.domain.cause import Cause, Severity
    from local.demo.application import Application
    from local.demo.scenarios import Scenario
    from local.deployment import Stage
    from local.inbox import Received

PATIENCE_SECONDS = 30
PROMISED_SECONDS = 5.0
PROMISED_TOGETHER_SECONDS = 12.0  # for keys in use that are all switched off at once
SETTLING_SECONDS = 2.0
FIRST_THRESHOLD = 10  # the first of alerts.countThresholds in cdk.json
LOOK_ALIKE = {"errorMessage": "You are not allowed to use this image, whatever your key"}


@dataclass(frozen=True)
class Outcome:
    """`seconds` run from the first refused call, or the end of a key in use, to the alert's arrival; `later`
    is the alert of the same incident for the failure that the first foresaw; `problems` say what was not as
    it must be, `note` what else was seen.
    """

    name: str
    alert: Received | None
    owner: str
    seconds: float
    problems: tuple[str, ...]
    decision: str = "-"
    later: Received | None = None
    note: str = ""

    def noting(self, note: str, *problems: str) -> Outcome:
        return replace(self, note=note, problems=(*self.problems, *problems))


def play(stage: Stage, scenario: Scenario) -> Outcome:
    application = scenario.breaks(stage.aws)
    if scenario.known_by:
        stage.ledger.await_user(application.user_name, lambda entry: scenario.known_by in entry)
    began = time.monotonic()
    problems = list(_bring_about(stage, scenario, application))
    key = application.incident_key
    alert = stage.alerts.wait_for(lambda received: key in received.body, PATIENCE_SECONDS)
    owner = application.user_name if scenario.owner_is_known else "-"
    problems += problems_of(alert, told(scenario.cause, scenario.severity, owner), began)
    problems += _problems_of_counting(stage, key, scenario.calls)
    seconds = alert.at - began if alert else PATIENCE_SECONDS
    return Outcome(scenario.name, alert, owner, seconds, tuple(problems))


def _bring_about(stage: Stage, scenario: Scenario, application: Application) -> Iterator[str]:
    if scenario.injected:
        stage.inject(_record(application.access_key_id, stage.aws.account, scenario.injected))
        return
    codes = {application.call(scenario.service, scenario.operation) for _ in range(scenario.calls)}
    if codes != {scenario.error_code}:
        yield f"the call got {codes}"


def told(cause: Cause, severity: Severity, owner: str) -> dict[str, str]:
    """The expected attributes of the alert."""
    return {"cause": cause.value, "owner": owner, "decision": "notify", "severity": severity.value}


def problems_of(
    alert: Received | None, expected: Mapping[str, str], began: float, promised: float = PROMISED_SECONDS
) -> Iterator[str]:
    if alert is None:
        yield f"no alert within {PATIENCE_SECONDS} s"
        return
    for name, value in expected.items():
        if alert.attributes[name] != value:
            yield f"{name} is {alert.attributes[name]}, not {value}"
    if alert.at - began > promised:
        yield f"it took {alert.at - began:.1f} s, more than {promised:.0f}"


def _problems_of_counting(stage: Stage, key: str, calls: int) -> Iterator[str]:
    """Repeated failures may arrive after the alert. They must be counted, and must not cause another alert
    before the configured number is reached.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _count(stage, key) < calls and time.monotonic() < deadline:
        time.sleep(0.2)
    if (count := _count(stage, key)) != calls:
        yield f"{count} calls were counted, not {calls}"
    alerts = [received for received in stage.alerts.received if key in received.body]
    if len(alerts) > 1 + (calls >= FIRST_THRESHOLD):
        yield f"{len(alerts)} alerts came for one incident"


def _count(stage: Stage, key: str) -> int:
    return sum(int(item["count"]["N"]) for item in stage.incidents_of(key))


def play_a_healthy_look_alike(stage: Stage) -> Outcome:
    """A working key whose call failed for another reason with a key failure code: no alert is sent.

    The record is injected, because the local AWS does not give this error.
    """
    application = new_application(stage.aws, "healthy")
    began = time.monotonic()
    stage.inject(_record(application.access_key_id, stage.aws.account, LOOK_ALIKE))
    key, problems = application.access_key_id, []
    while _count(stage, key) < 1 and time.monotonic() < began + PATIENCE_SECONDS:
        time.sleep(0.2)
    seconds = time.monotonic() - began
    alert = stage.alerts.wait_for(lambda received: key in received.body, SETTLING_SECONDS)
    decisions = {item["decision"]["S"] for item in stage.incidents_of(key) if "decision" in item}
    if alert or decisions != {"suppress"}:
        problems.append(f"decided {decisions or 'nothing'}, alert {alert and alert.subject}")
    return Outcome(
        "healthy key, look-alike error (injected)", alert, "-", seconds, tuple(problems), *decisions
    )


def _record(access_key_id: str, account: str, fields: Mapping[str, Any]) -> str:
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
