"""Keys of enrolled users are deactivated: one is rotated while in use, one needs an approval."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Severity
from local.demo.automation import deactivate
from local.demo.consumer import consumer_of
from local.demo.enrolment import Enrolled, enrolled
from local.demo.scenario_runner import PATIENCE_SECONDS, PROMISED_TOGETHER_SECONDS, Outcome, problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.consumer import Consumer
    from local.deployment import Stage
    from local.inbox import Received

MENDED_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Death:
    """`at` is when the automation deactivated the key, by the monotonic clock."""

    it: Enrolled
    at: float

    def alert(self) -> Received | None:
        key = self.it.application.access_key_id
        return self.it.stage.alerts.wait_for(lambda received: received.is_of_incident(key), PATIENCE_SECONDS)


@contextmanager
def working_consumer(stage: Stage) -> Iterator[tuple[Enrolled, Consumer]]:
    it = enrolled(stage, name="consumer")
    with consumer_of(it) as consumer:
        consumer.await_line(lambda said: said.works, after=0, seconds=PATIENCE_SECONDS)
        yield it, consumer


def cautious_user(stage: Stage) -> Enrolled:
    return enrolled(stage, "approve", name="cautious")


def rotated_user(stage: Stage) -> Enrolled:
    """A user whose first key was just replaced."""
    it = enrolled(stage, name="rotated")
    it.rotate()
    if not it.await_rotation():
        raise RuntimeError(f"{it.secret} was not rotated")
    it.await_quiet()
    return Enrolled(stage, it.current(), it.secret)


def killed(it: Enrolled) -> Death:
    at = time.monotonic()
    deactivate(it.application)
    return Death(it, at)


def survive(death: Death, consumer: Consumer) -> Outcome:
    outcome = _told("rotation that a consumer survives", death, Action.ROTATE, Severity.MEDIUM)
    outage = consumer.outage(death.at, PATIENCE_SECONDS)
    if outage is None:
        return outcome.noting("", "the consumer did not fail and work again")
    again = outage[1].at - death.at
    note = f"the consumer works again, unaided, {again:.1f} s after its key died"
    problems = () if again < MENDED_WITHIN_SECONDS else (note,)
    return outcome.noting(note, *problems)


def ask(death: Death) -> Outcome:
    outcome = _told("rotation to be approved", death, Action.REQUEST_APPROVAL, Severity.CRITICAL)
    if list(death.it.keys()) != [death.it.application.access_key_id]:
        return outcome.noting("", "a key was made without asking")
    return outcome.noting("no key is made before a person has approved it")


def go_back(death: Death) -> Outcome:
    outcome = _told("fail over to the previous key", death, Action.FAIL_OVER, Severity.MEDIUM)
    if code := death.it.current().call("sts", "get_caller_identity"):
        return outcome.noting("", f"the key that the secret names by now is refused: {code}")
    return outcome.noting("the secret names the key before it again, which works")


def _told(name: str, death: Death, action: Action, severity: Severity) -> Outcome:
    owner, alert = death.it.user_name, death.alert()
    expected = {"owner": owner, "decision": action.value, "severity": severity.value}
    problems = problems_of(alert, expected, death.at, PROMISED_TOGETHER_SECONDS)
    seconds = alert.at - death.at if alert else PATIENCE_SECONDS
    return Outcome(name, alert, owner, seconds, tuple(problems))
