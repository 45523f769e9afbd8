"""Keys of enrolled users are deactivated: one is rotated while in use, one needs an approval."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Severity
from local.demo.automation import deactivate
from local.demo.consumer import run_consumer
from local.demo.enrolment import EnrolledUser, enrol_new_user
from local.demo.outcome import PROMISED_TOGETHER_SECONDS, ExpectedAlert, Outcome
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.consumer import Consumer
    from local.deployment import Deployment
    from local.inbox import Received

RECOVERY_SECONDS: Final = 20


@dataclass(frozen=True)
class RemediatedKey:
    """A scenario in which an automation deactivates the key of an enrolled user."""

    name: str
    description: str  # what the scenario does, for a reader who knows nothing of it
    decision: Action
    severity: Severity


ROTATION: Final = RemediatedKey(
    "rotation while an application runs",
    "An automation deactivates the key of an application, which reads its keys from a managed secret. "
    "The key is rotated, and the application recovers without a restart.",
    Action.ROTATE,
    Severity.MEDIUM,
)
APPROVAL: Final = RemediatedKey(
    "rotation that needs an approval",
    "The key's user is enrolled with the mode approve: the alert has the command that starts the rotation.",
    Action.REQUEST_APPROVAL,
    Severity.CRITICAL,
)
FAIL_OVER: Final = RemediatedKey(
    "fail over to the previous key",
    "A key is deactivated just after a rotation: the managed secret gets the previous key again.",
    Action.FAIL_OVER,
    Severity.MEDIUM,
)


@dataclass(frozen=True)
class DeactivatedKey:
    it: EnrolledUser
    at: float  # when the automation deactivated the key, by the monotonic clock

    def alert(self) -> Received | None:
        key = self.it.application.access_key_id
        return self.it.deployment.alerts.wait_for(
            lambda received: received.is_of_incident(key), TIMEOUT_SECONDS
        )


@contextmanager
def working_consumer(deployment: Deployment) -> Iterator[tuple[EnrolledUser, Consumer]]:
    it = enrol_new_user(deployment, name="consumer")
    with run_consumer(it) as consumer:
        consumer.await_line(lambda line: line.is_success, after=0, seconds=TIMEOUT_SECONDS)
        yield it, consumer


def cautious_user(deployment: Deployment) -> EnrolledUser:
    return enrol_new_user(deployment, "approve", name="cautious")


def rotated_user(deployment: Deployment) -> EnrolledUser:
    """A user whose first key was just replaced."""
    it = enrol_new_user(deployment, name="rotated")
    it.rotate()
    if not it.await_rotation():
        raise RuntimeError(f"{it.secret} was not rotated")
    it.await_no_pending_version()
    return EnrolledUser(deployment, it.current(), it.secret)


def deactivate_by_automation(it: EnrolledUser) -> DeactivatedKey:
    at = time.monotonic()
    deactivate(it.application)
    return DeactivatedKey(it, at)


def check_rotation(deactivated: DeactivatedKey, consumer: Consumer) -> Outcome:
    outcome = _check_alert(ROTATION, deactivated)
    outage = consumer.outage(deactivated.at, TIMEOUT_SECONDS)
    if outage is None:
        return outcome.with_note("", "the application did not fail and recover")
    seconds = outage[1].at - deactivated.at
    note = f"the application works again {seconds:.1f} s after its key was deactivated, without a restart"
    delays = () if seconds < RECOVERY_SECONDS else (note,)
    return replace(outcome, note=note, delays=(*outcome.delays, *delays))


def check_approval(deactivated: DeactivatedKey) -> Outcome:
    outcome = _check_alert(APPROVAL, deactivated)
    if list(deactivated.it.keys()) != [deactivated.it.application.access_key_id]:
        return outcome.with_note("", "a key was created without an approval")
    return outcome.with_note("no key is created before a person approves it")


def check_fail_over(deactivated: DeactivatedKey) -> Outcome:
    outcome = _check_alert(FAIL_OVER, deactivated)
    if code := deactivated.it.current().call("sts", "get_caller_identity"):
        return outcome.with_note("", f"the current key of the secret is rejected: {code}")
    return outcome.with_note("the secret has its previous key again, which works")


def _check_alert(scenario: RemediatedKey, deactivated: DeactivatedKey) -> Outcome:
    owner, alert = deactivated.it.user_name, deactivated.alert()
    attributes = {"decision": scenario.decision.value, "severity": scenario.severity.value, "owner": owner}
    expected = ExpectedAlert(attributes, PROMISED_TOGETHER_SECONDS)
    problems = tuple(expected.problems_with(alert))
    delays = expected.delay_of(alert, deactivated.at)
    seconds = alert.at - deactivated.at if alert else TIMEOUT_SECONDS
    return Outcome(scenario.name, scenario.description, (str(expected),), alert, seconds, problems, delays)
