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
from local.demo.enrolment import EnrolledUser, claim, enrol_new_user
from local.demo.outcome import PROMISED_TOGETHER_SECONDS, ExpectedAlert, Outcome
from local.demo.switches import kill_switch_on
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.deployment import Deployment


def unchanged(it: EnrolledUser) -> EnrolledUser:
    return it


def bind_to_another_user(it: EnrolledUser) -> EnrolledUser:
    it.secrets.tag_resource(SecretId=it.secret, Tags=[{"Key": USER_ID_TAG, "Value": "AIDASOMEBODYELSE"}])
    return it


def claim_the_secret_of_another_user(it: EnrolledUser) -> EnrolledUser:
    other = enrol_new_user(it.deployment, name="other")
    claim(it.deployment.aws, it.user_name, other.secret, "auto")
    return EnrolledUser(it.deployment, it.application, other.secret)


def create_a_second_key(it: EnrolledUser) -> EnrolledUser:
    it.application.with_another_key()
    return it


def rotate_just_now(it: EnrolledUser) -> EnrolledUser:
    """Deletes the replaced key too, so that a fail over to it is impossible."""
    it.rotate()
    if not it.await_rotation():
        raise RuntimeError(f"{it.secret} was not rotated")
    it.application.delete_key()
    return EnrolledUser(it.deployment, it.current(), it.secret)


def quarantine(it: EnrolledUser) -> EnrolledUser:
    """Attaches a policy with the name that AWS uses. Here it is the account's own policy."""
    statement = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = f"AWSCompromisedKeyQuarantineV3-{it.user_name}"
    policy: Any = it.iam.create_policy(PolicyName=name, PolicyDocument=document)
    it.iam.attach_user_policy(UserName=it.user_name, PolicyArn=policy["Policy"]["Arn"])
    return it


@dataclass(frozen=True)
class BlockedRotation:
    name: str
    description: str  # what the scenario does, for a reader who knows nothing of it
    blocks: Callable[[EnrolledUser], EnrolledUser]  # brings about what the guardrail is for
    guardrail: Guardrail
    decision: Action = Action.REFUSE
    severity: Severity = Severity.CRITICAL
    mode: str = "auto"
    deactivates: Callable[[Application], None] = deactivate


@dataclass(frozen=True)
class PreparedRotation:
    scenario: BlockedRotation
    it: EnrolledUser
    labels: dict[str, str]  # those of the secret before the key is deactivated
    keys: dict[str, str]  # those of the user before the key is deactivated


@dataclass(frozen=True)
class StartedRotation:
    prepared: PreparedRotation
    at: float  # when the key was deactivated, by the monotonic clock


BLOCKED_ROTATIONS = (
    BlockedRotation(
        "blocked: secret bound to another user",
        "A managed secret has the tag of another user, so it gets no key of this one.",
        bind_to_another_user, Guardrail.BINDING, severity=Severity.HIGH,
    ),
    BlockedRotation(
        "blocked: secret of another user",
        "A user's tag names another user's secret, so it gets no key of this one.",
        claim_the_secret_of_another_user, Guardrail.BINDING, severity=Severity.HIGH,
    ),
    BlockedRotation(
        "blocked: two keys", "The user has two keys already, and IAM allows no third one.",
        create_a_second_key, Guardrail.NO_SLOT,
    ),
    BlockedRotation(
        "blocked: just rotated", "The key was rotated just now, and the configured cooldown is not over.",
        rotate_just_now, Guardrail.COOLDOWN,
    ),
    BlockedRotation(
        "blocked: leaked key", "AWS attached its policy for leaked keys to the user.",
        quarantine, Guardrail.QUARANTINED, Action.NOTIFY,
    ),
    BlockedRotation(
        "blocked: deactivated by a person",
        "A person deactivated the key, perhaps because it leaked: the alert asks for an approval.",
        unchanged, Guardrail.SWITCHED_OFF_BY_A_PERSON, Action.REQUEST_APPROVAL,
        deactivates=Application.deactivate_key,
    ),
    BlockedRotation(
        "blocked: mode notify", "The user is enrolled with the mode notify, which allows no change.",
        unchanged, Guardrail.MODE_NOTIFY, Action.NOTIFY, mode="notify",
    ),
)  # fmt: skip
BUDGET = BlockedRotation(
    "blocked: hourly budget spent",
    "As many rotations were started in this hour as the configuration allows.",
    unchanged,
    Guardrail.BUDGET,
)
KILL_SWITCH = BlockedRotation(
    "blocked: kill switch", "An operator turned the kill switch on.", unchanged, Guardrail.KILL_SWITCH
)


def prepare(deployment: Deployment, scenario: BlockedRotation) -> PreparedRotation:
    it = scenario.blocks(enrol_new_user(deployment, scenario.mode, name="blocked"))
    return PreparedRotation(scenario, it, it.labels(), it.keys())


def start(prepared: PreparedRotation) -> StartedRotation:
    at = time.monotonic()
    prepared.scenario.deactivates(prepared.it.application)
    prepared.it.deployment.alerts.receive_waiting()
    return StartedRotation(prepared, at)


def finish(started: StartedRotation) -> Outcome:
    scenario, it = started.prepared.scenario, started.prepared.it
    key = it.application.access_key_id
    alert = it.deployment.alerts.wait_for(lambda received: received.is_of_incident(key), TIMEOUT_SECONDS)
    expected = _expected_alert(scenario, it.user_name)
    problems = [*expected.problems_with(alert), *_problems_with_the_state(started.prepared)]
    lines = (str(expected), f"guardrail {scenario.guardrail.value}, and nothing is changed")
    # A leaked key is alerted before it is deactivated.
    seconds = max(alert.at - started.at, 0.0) if alert else TIMEOUT_SECONDS
    delays = expected.delay_of(alert, started.at)
    return Outcome(scenario.name, scenario.description, lines, alert, seconds, tuple(problems), delays)


def _expected_alert(scenario: BlockedRotation, owner: str) -> ExpectedAlert:
    attributes = {"decision": scenario.decision.value, "severity": scenario.severity.value, "owner": owner}
    return ExpectedAlert(attributes, PROMISED_TOGETHER_SECONDS)


def _problems_with_the_state(prepared: PreparedRotation) -> Iterator[str]:
    it = prepared.it
    if (guardrails := _guardrails(it)) != {prepared.scenario.guardrail}:
        yield f"the guardrails are {guardrails}"
    keys = prepared.keys | {it.application.access_key_id: "Inactive"}
    if (it.labels(), it.keys()) != (prepared.labels, keys):
        yield "the secret's labels or the user's keys were changed"


def run_without_budget(deployment: Deployment) -> Outcome:
    """Runs second to last, because no key is rotated afterwards."""
    prepared = prepare(deployment, BUDGET)
    spend_the_budget(deployment)
    return finish(start(prepared))


def spend_the_budget(deployment: Deployment) -> None:
    """Spends the budget of this hour and of the next one, which may begin meanwhile."""
    functions: Any = deployment.aws.session().client("lambda")
    name = deployment.outputs["RemediateFunctionName"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    tokens = [f"demo-{number}" for number in range(int(environment["HOURLY_BUDGET"]))]
    tables: Any = deployment.aws.session().client("dynamodb")
    for hour in (datetime.now(UTC), datetime.now(UTC) + timedelta(hours=1)):
        item = {"name": {"S": f"{BUDGET_PREFIX}{hour:%Y-%m-%dT%H}"}, "startedTokens": {"SS": tokens}}
        tables.put_item(TableName=environment["LEASE_TABLE_NAME"], Item=item)


def run_with_kill_switch(deployment: Deployment) -> Outcome:
    """Runs last, because it stops everything else."""
    prepared = prepare(deployment, KILL_SWITCH)
    with kill_switch_on(deployment):
        return finish(start(prepared))


def _guardrails(it: EnrolledUser) -> set[str]:
    incidents = it.deployment.incidents_of(it.application.access_key_id)
    return {incident["guardrail"]["S"] for incident in incidents}
