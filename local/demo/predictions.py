"""Predicted outages: a key in use is deactivated, and an alert is sent before the first failure."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause, Severity
from local.demo.application import Application
from local.demo.outcome import PROMISED_SECONDS, Outcome
from local.demo.scenario_runner import notification
from local.demo.scenarios import working
from local.deployment import DELETION_GRACE_SECONDS
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from local.demo.outcome import ExpectedAlert
    from local.deployment import Deployment
    from local.emulator.process import LocalAws
    from local.inbox import Received


@dataclass(frozen=True)
class PredictedOutage:
    name: str
    description: str  # what the scenario does, for a reader who knows nothing of it
    breaks: Callable[[Application], None]
    predicted: Cause
    after_failure: Cause | None  # None if no application uses the key any more
    severity: Severity = Severity.HIGH
    prepares: Callable[[LocalAws], Application] = working


@dataclass(frozen=True)
class StartedOutage:
    outage: PredictedOutage
    application: Application
    at: float  # when the key was broken, by the monotonic clock

    @property
    def key(self) -> str:
        return self.application.access_key_id


def rotated(aws: LocalAws) -> Application:
    """The application uses a newer key. Waits, because IAM's times are whole seconds."""
    old = working(aws)
    time.sleep(1.1)
    old.with_another_key().call("sts", "get_caller_identity")
    return old


def delete_user(application: Application) -> None:
    """Deletes the key first, as IAM requires."""
    application.delete_key()
    application.delete_user()


OUTAGES = (
    PredictedOutage(
        "key in use deactivated",
        "A key in use is deactivated: an alert comes at once, and another one when a call fails.",
        Application.deactivate_key,
        Cause.DEACTIVATED_IN_USE,
        Cause.KEY_INACTIVE,
    ),
    PredictedOutage(
        "key in use deleted",
        "A key in use is deleted: an alert comes at once, and another one when a call fails.",
        Application.delete_key,
        Cause.DELETED_IN_USE,
        Cause.KEY_DELETED,
    ),
    PredictedOutage(
        "user of a key in use deleted",
        "A user is deleted whose key is in use: an alert comes at once, and another one when a call fails.",
        delete_user,
        Cause.USER_DELETED_IN_USE,
        Cause.USER_DELETED,
    ),
    PredictedOutage(
        "old key deactivated after a rotation",
        "A key is deactivated after its application switched to a newer key: one alert of low severity.",
        Application.deactivate_key,
        Cause.DEACTIVATED_IN_USE,
        None,
        Severity.LOW,
        rotated,
    ),
)


def start(deployment: Deployment, outages: Sequence[PredictedOutage]) -> list[StartedOutage]:
    """Runs a sync first: IAM does not have the last use of a deleted key."""
    prepared = [(outage, outage.prepares(deployment.aws)) for outage in outages]
    deployment.ledger.synchronise()
    for _, application in prepared:
        deployment.ledger.await_entry(application.access_key_id, lambda entry: "lastUse" in entry)
    return [_break_key(outage, application) for outage, application in prepared]


def _break_key(outage: PredictedOutage, application: Application) -> StartedOutage:
    at = time.monotonic()
    outage.breaks(application)
    return StartedOutage(outage, application, at)


def finish(deployment: Deployment, started: StartedOutage) -> Outcome:
    """Waits for the prediction, then makes a call that fails and waits for its alert."""
    outage, expected = started.outage, _expected_alerts(started)
    alert = _await_alert(deployment, started, outage.predicted)
    problems = [*expected[0].problems_with(alert)]
    delays = expected[0].delay_of(alert, started.at)
    later = None
    if outage.after_failure:
        failed_at = time.monotonic()
        started.application.call("sts", "get_caller_identity")
        later = _await_alert(deployment, started, outage.after_failure)
        problems += expected[1].problems_with(later)
        delays += expected[1].delay_of(later, failed_at)
    problems += _problems_with_the_incident(deployment, started, alerts=len(expected))
    seconds = alert.at - started.at if alert else TIMEOUT_SECONDS
    lines = tuple(str(it) for it in expected)
    return Outcome(
        outage.name, outage.description, lines, alert, seconds, tuple(problems), delays, later=later
    )


def _expected_alerts(started: StartedOutage) -> list[ExpectedAlert]:
    outage, owner = started.outage, started.application.user_name
    seconds = PROMISED_SECONDS + DELETION_GRACE_SECONDS
    prediction = notification(outage.predicted, outage.severity, owner, seconds=seconds)
    if outage.after_failure is None:
        return [prediction]
    return [prediction, notification(outage.after_failure, outage.severity, owner)]


def _await_alert(deployment: Deployment, started: StartedOutage, cause: Cause) -> Received | None:
    def is_it(received: Received) -> bool:
        return started.key in received.body and received.attributes["cause"] == cause

    return deployment.alerts.wait_for(is_it, TIMEOUT_SECONDS)


def _problems_with_the_incident(deployment: Deployment, started: StartedOutage, alerts: int) -> Iterator[str]:
    """Checks that the failures belong to the predicted incident and that each is reported once."""
    received = [alert for alert in deployment.alerts.received if started.key in alert.body]
    if len(received) != alerts:
        yield f"{len(received)} alerts came, not {alerts}"
    items = deployment.incidents_of(started.key)
    if [item["predicted"] for item in items] != [{"BOOL": True}]:
        yield f"not one incident, predicted, but {items}"
