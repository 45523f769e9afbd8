"""Rotations that a guardrail blocks: the alert names the guardrail, and nothing is changed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.diagnosis.domain.cause import Severity
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from lambdas.rotation.adapters.rotation_budget import BUDGET_PREFIX
from local.demo.application import Application
from local.demo.automation import deactivate
from local.demo.enrolment import Enrolled, claim, enrolled
from local.demo.scenario_runner import PATIENCE_SECONDS, PROMISED_TOGETHER_SECONDS, Outcome, problems_of
from local.demo.switches import stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deployment import Stage


def nothing_more(it: Enrolled) -> Enrolled:
    return it


def bind_to_somebody_else(it: Enrolled) -> Enrolled:
    it.secrets.tag_resource(SecretId=it.secret, Tags=[{"Key": USER_ID_TAG, "Value": "AIDASOMEBODYELSE"}])
    return it


def claim_the_secret_of_another_user(it: Enrolled) -> Enrolled:
    victim = enrolled(it.stage, name="victim")
    claim(it.stage.aws, it.user_name, victim.secret, "auto")
    return Enrolled(it.stage, it.application, victim.secret)


def make_a_second_key(it: Enrolled) -> Enrolled:
    it.application.with_another_key()
    return it


def rotate_just_now(it: Enrolled) -> Enrolled:
    """Deletes the replaced key too, so that a fail over to it is impossible."""
    it.rotate()
    if not it.await_rotation():
        raise RuntimeError(f"{it.secret} was not rotated")
    it.application.delete_key()
    return Enrolled(it.stage, it.current(), it.secret)


def quarantine(it: Enrolled) -> Enrolled:
    """Attaches a policy with the name that AWS uses. Here it is the account's own policy."""
    statement = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = f"AWSCompromisedKeyQuarantineV3-{it.user_name}"
    policy: Any = it.iam.create_policy(PolicyName=name, PolicyDocument=document)
    it.iam.attach_user_policy(UserName=it.user_name, PolicyArn=policy["Policy"]["Arn"])
    return it


@dataclass(frozen=True)
class Refusal:
    name: str
    forbids: Callable[[Enrolled], Enrolled]
    guardrail: Guardrail
    decision: Action = Action.REFUSE
    severity: Severity = Severity.CRITICAL
    mode: str = "auto"
    switches_off: Callable[[Application], None] = deactivate


@dataclass(frozen=True)
class Prepared:
    """`before` has the secret's labels and the user's keys."""

    refusal: Refusal
    it: Enrolled
    before: tuple[dict[str, str], dict[str, str]]


@dataclass(frozen=True)
class Refused:
    """`at` is when the key was deactivated, by the monotonic clock."""

    prepared: Prepared
    at: float


REFUSALS = (
    Refusal(
        "rotation refused: secret bound to another", bind_to_somebody_else,
        Guardrail.BINDING, severity=Severity.HIGH,
    ),
    Refusal(
        "rotation refused: another user's secret", claim_the_secret_of_another_user,
        Guardrail.BINDING, severity=Severity.HIGH,
    ),
    Refusal("rotation refused: both slots in use", make_a_second_key, Guardrail.NO_SLOT),
    Refusal("rotation refused: only just rotated", rotate_just_now, Guardrail.COOLDOWN),
    Refusal("rotation refused: leaked key", quarantine, Guardrail.QUARANTINED, Action.NOTIFY),
    Refusal(
        "rotation refused: switched off by a person", nothing_more,
        Guardrail.SWITCHED_OFF_BY_A_PERSON, Action.REQUEST_APPROVAL, switches_off=Application.deactivate_key,
    ),
    Refusal(
        "rotation refused: the user allows none", nothing_more, Guardrail.MODE_NOTIFY, Action.NOTIFY,
        mode="notify",
    ),
)  # fmt: skip
BUDGET = Refusal("rotation refused: budget spent", nothing_more, Guardrail.BUDGET)
KILL_SWITCH = Refusal("rotation refused: kill switch", nothing_more, Guardrail.KILL_SWITCH)


def prepare(stage: Stage, refusal: Refusal) -> Prepared:
    it = refusal.forbids(enrolled(stage, refusal.mode, name="refused"))
    return Prepared(refusal, it, (it.labels(), it.keys()))


def switch_off(prepared: Prepared) -> Refused:
    at = time.monotonic()
    prepared.refusal.switches_off(prepared.it.application)
    prepared.it.stage.alerts.look()
    return Refused(prepared, at)


def be_refused(refused: Refused) -> Outcome:
    prepared = refused.prepared
    refusal, it, (labels, keys) = prepared.refusal, prepared.it, prepared.before
    key = it.application.access_key_id
    alert = it.stage.alerts.wait_for(lambda received: received.is_of_incident(key), PATIENCE_SECONDS)
    expected = {"owner": it.user_name, "decision": refusal.decision, "severity": refusal.severity}
    problems = [*problems_of(alert, expected, refused.at, PROMISED_TOGETHER_SECONDS)]
    problems += [] if _guardrails(it) == {refusal.guardrail} else [f"the guardrails are {_guardrails(it)}"]
    if (it.labels(), it.keys()) != (labels, keys | {key: "Inactive"}):
        problems.append("something was changed")
    seconds = alert.at - refused.at if alert else PATIENCE_SECONDS
    return Outcome(refusal.name, alert, it.user_name, seconds, tuple(problems))


def be_out_of_budget(stage: Stage) -> Outcome:
    """Runs second to last, because no key is rotated afterwards."""
    prepared = prepare(stage, BUDGET)
    spend_the_budget(stage)
    return be_refused(switch_off(prepared))


def spend_the_budget(stage: Stage) -> None:
    """Spends the budget of this hour and of the next one, which may begin meanwhile."""
    functions: Any = stage.aws.session().client("lambda")
    name = stage.outputs["RemediateFunctionName"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    tokens = [f"demo-{number}" for number in range(int(environment["HOURLY_BUDGET"]))]
    tables: Any = stage.aws.session().client("dynamodb")
    for hour in (datetime.now(UTC), datetime.now(UTC) + timedelta(hours=1)):
        item = {"name": {"S": f"{BUDGET_PREFIX}{hour:%Y-%m-%dT%H}"}, "startedTokens": {"SS": tokens}}
        tables.put_item(TableName=environment["LEASE_TABLE_NAME"], Item=item)


def be_stopped(stage: Stage) -> Outcome:
    """Runs last, because it stops everything else."""
    prepared = prepare(stage, KILL_SWITCH)
    with stopped(stage):
        return be_refused(switch_off(prepared))


def _guardrails(it: Enrolled) -> set[str]:
    incidents = it.stage.incidents_of(it.application.access_key_id)
    return {incident["guardrail"]["S"] for incident in incidents}
