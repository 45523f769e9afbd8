"""Predicted outages: a key in use is deactivated, and an alert is sent before the first failure."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.cause import Cause, Severity
from local.demo.application import Application
from local.demo.scenario_runner import PATIENCE_SECONDS, PROMISED_SECONDS, Outcome, problems_of, told
from local.demo.scenarios import working
from local.deployment import DELETION_GRACE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from local.deployment import Stage
    from local.emulator.process import LocalAws
    from local.inbox import Received


@dataclass(frozen=True)
class Outage:
    """`then` is the cause after a call has failed; None if nobody uses the old key any more."""

    name: str
    switches_off: Callable[[Application], None]
    foreseen: Cause
    then: Cause | None
    severity: Severity = Severity.HIGH
    prepares: Callable[[LocalAws], Application] = working


@dataclass(frozen=True)
class Begun:
    """`at` is when the key was deactivated, by the monotonic clock."""

    outage: Outage
    application: Application
    at: float

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
    """Deletes the keys first, as IAM requires."""
    application.delete_key()
    application.delete_user()


OUTAGES = (
    Outage(
        "key in use deactivated",
        Application.deactivate_key,
        Cause.DEACTIVATED_IN_USE,
        Cause.KEY_INACTIVE,
    ),
    Outage("key in use deleted", Application.delete_key, Cause.DELETED_IN_USE, Cause.KEY_DELETED),
    Outage("user deleted, key in use", delete_user, Cause.USER_DELETED_IN_USE, Cause.USER_DELETED),
    Outage(
        "ordinary rotation",
        Application.deactivate_key,
        Cause.DEACTIVATED_IN_USE,
        None,
        Severity.LOW,
        rotated,
    ),
)


def begin(stage: Stage, outages: Sequence[Outage]) -> list[Begun]:
    """Runs a sync first: IAM does not have the last use of a deleted key."""
    prepared = [(outage, outage.prepares(stage.aws)) for outage in outages]
    stage.ledger.synchronise()
    for _, application in prepared:
        stage.ledger.await_entry(application.access_key_id, lambda entry: "lastUse" in entry)
    return [_switch_off(outage, application) for outage, application in prepared]


def _switch_off(outage: Outage, application: Application) -> Begun:
    at = time.monotonic()
    outage.switches_off(application)
    return Begun(outage, application, at)


def follow(stage: Stage, begun: Begun) -> Outcome:
    outage, owner = begun.outage, begun.application.user_name
    alert = _alert(stage, begun, outage.foreseen, PATIENCE_SECONDS)
    expected = told(outage.foreseen, outage.severity, owner)
    problems = [*problems_of(alert, expected, begun.at, PROMISED_SECONDS + DELETION_GRACE_SECONDS)]
    later = None
    if outage.then:
        failed_at = time.monotonic()
        begun.application.call("sts", "get_caller_identity")
        later = _alert(stage, begun, outage.then, PATIENCE_SECONDS)
        problems += problems_of(later, told(outage.then, outage.severity, owner), failed_at)
    problems += _problems_of_the_incident(stage, begun, alerts=2 if outage.then else 1)
    seconds = alert.at - begun.at if alert else PATIENCE_SECONDS
    return Outcome(outage.name, alert, owner, seconds, tuple(problems), later=later)


def _alert(stage: Stage, begun: Begun, cause: Cause, seconds: float) -> Received | None:
    def is_it(received: Received) -> bool:
        return begun.key in received.body and received.attributes["cause"] == cause

    return stage.alerts.wait_for(is_it, seconds)


def _problems_of_the_incident(stage: Stage, begun: Begun, alerts: int) -> Iterator[str]:
    """Checks that the failures belong to the predicted incident and that each is reported once."""
    received = [alert for alert in stage.alerts.received if begun.key in alert.body]
    if len(received) != alerts:
        yield f"{len(received)} alerts came, not {alerts}"
    items = stage.incidents_of(begun.key)
    if [item["predicted"] for item in items] != [{"BOOL": True}]:
        yield f"not one incident, predicted, but {items}"
