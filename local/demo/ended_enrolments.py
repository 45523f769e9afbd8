"""An enrolment that ends: somebody removes the tags, and the alert says who."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Severity
from lambdas.ledger.domain.enrolment_tags import ENROLMENT_TAGS
from local.demo.enrolment import enrol_new_user
from local.demo.outcome import PROMISED_TOGETHER_SECONDS, ExpectedAlert, Outcome
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from local.deployment import Deployment

NAME = "enrolment ended"
DESCRIPTION = "Somebody removes the tags that enrol a user: the alert names who, and how to enrol it again."


def run_ended_enrolment(deployment: Deployment) -> Outcome:
    it = enrol_new_user(deployment, "auto", name="leaving")
    began = time.monotonic()
    it.iam.untag_user(UserName=it.user_name, TagKeys=list(ENROLMENT_TAGS))
    subject = f"[{Severity.LOW}] enrolment-ended: {it.user_name}"
    alert = deployment.alerts.wait_for(lambda one: one.subject.startswith(subject), TIMEOUT_SECONDS)
    attributes = {"decision": Action.NOTIFY, "severity": Severity.LOW, "owner": it.user_name}
    expected = ExpectedAlert(attributes, PROMISED_TOGETHER_SECONDS)
    problems = [*expected.problems_with(alert)]
    if it.secrets.describe_secret(SecretId=it.secret)["RotationEnabled"]:
        problems.append("the secret is still rotated on schedule")
    lines = (str(expected), "the schedule ends, and the key stays")
    seconds = alert.at - began if alert else TIMEOUT_SECONDS
    return Outcome(NAME, DESCRIPTION, lines, alert, seconds, tuple(problems), expected.delay_of(alert, began))
