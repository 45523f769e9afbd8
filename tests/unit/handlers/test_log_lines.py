"""Makes every log call of the functions with the logger that they have on AWS.

A log call that raises would fail a function after its work is done.
"""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.alerting.domain.subscriptions import PeopleTopic, TopicStatus
from lambdas.enrolment.domain.claims import ClaimDecision, RotationSchedule, WaitReason
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.handlers import sync_keys
from lambdas.handlers.bootstrap import reporting
from lambdas.handlers.bootstrap.subscribe_logs import report_unread_log_groups
from lambdas.incidents.domain.outbox import Channel
from lambdas.observability import logger
from lambdas.remediation.due_incidents import TimerRun
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.retirement.retirement_run import RetirementRun
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.fail_over_request import respond
from lambdas.rotation.ports import RefusedError, SecretGoneError
from lambdas.rotation.rotation_step import RotationStep
from tests.support.builders import NOON, a_finding, a_notification
from tests.support.log_calls import a_context, log_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRANSIENT, PERMANENT = TransientError("sqs:SendMessage: Throttling"), PermanentError("it can never succeed")


class LogLines(logging.Handler):
    """Formats each line as on AWS. An error is raised, where other handlers of `logging` print it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, int]] = []
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.calls.append((record.pathname, record.lineno))
        self.lines.append(json.loads(logger.registered_formatter.format(record)))


@pytest.fixture
def log() -> Iterator[LogLines]:
    """Takes the place of the logger's own handlers."""
    log, underlying = LogLines(), logging.getLogger(logger.name)
    own, underlying.handlers = underlying.handlers, [log]
    yield log
    underlying.handlers = own


def stub(result: Any = None, error: Exception | None = None) -> Callable[..., Any]:
    def call(*_arguments: object, **_named: object) -> Any:
        if error:
            raise error
        return result

    return call


def everything() -> RemediationOutcome:
    return RemediationOutcome(
        findings=[a_finding()],
        notifications=[a_notification()],
        rejected=["m-1: the body is not JSON"],
        to_retry=["m-2"],
        failures=[TRANSIENT],
    )


def run_timer() -> None:
    reporting.report_timer_run(TimerRun(**vars(everything()), overdue=timedelta(minutes=1)))


def report_claims() -> None:
    reporting.report_claim("alice", ClaimDecision(refusal="two users"))
    reporting.report_claim("bob", ClaimDecision(waits_for=WaitReason.BUDGET))
    granted = ClaimDecision(is_granted=True, creates=True, schedule=RotationSchedule.IMMEDIATE)
    reporting.report_claim("carol", granted)


def report_errors() -> None:
    silent = TopicStatus(topic=PeopleTopic.ALERTS, confirmed=0, missing=("email a***@example.com",))
    reporting.report_subscriptions([silent])
    reporting.report_unreadable_exemptions(TRANSIENT)
    reporting.report_failed_update(TRANSIENT)
    report_unread_log_groups({"/aws/lambda/orders": "it does not exist"})
    for error in (TRANSIENT, PERMANENT, BusyError("other alerts are being sent")):
        reporting.report_failed_delivery(Channel.CHAT, error)


def sync() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync_keys, "sync_function", stub(SimpleNamespace(synchronise=stub(result=True))))
        sync_keys.handler({}, a_context())


def run_fail_over(error: Exception | None = None) -> None:
    result = FailOverResult(access_key_id="AKIA", since=NOON, lender="lender")
    fail_over: Any = SimpleNamespace(to_previous=stub(result, error))
    respond(fail_over, {"secret": "a-secret"}, "token", stub())


def run_rotation_step(error: Exception | None = None, sending: Exception | None = None) -> None:
    rotator: Any = SimpleNamespace(
        create_secret=stub(error=error), set_secret=stub(), test_secret=stub(), finish_secret=stub()
    )
    notifications: Any = SimpleNamespace(send_failure=stub(error=sending))
    step = RotationStep(rotator=rotator, notifications=notifications, count_faults=stub())
    with contextlib.suppress(PermanentError, TransientError):
        step.run("createSecret", "a-secret", "a-token")


def run_retirement(error: Exception | None = None, sending: Exception | None = None) -> None:
    cursor: Any = SimpleNamespace(resume_order=stub(["a-secret"]), start=stub())
    step = SimpleNamespace(secret_name="a-secret", access_key_id="AKIA", step="deactivated")
    RetirementRun(
        all_names=stub(),
        cursor=cursor,
        retire=stub([step], error),
        notify=stub(error=sending),
        report_deleted=stub(),
    ).process_all(lambda: 60)


WORK: dict[str, Callable[[], None]] = {
    "a run of the timer": run_timer,
    "claims": report_claims,
    "errors that no message brings": report_errors,
    "a sync": sync,
    "a fail-over": run_fail_over,
    "a fail over that is refused": partial(run_fail_over, PERMANENT),
    "a step of a rotation": run_rotation_step,
    "a step that is refused": partial(run_rotation_step, RefusedError("the kill switch is on")),
    "a step that fails": partial(run_rotation_step, TRANSIENT),
    "a failed step that cannot be reported": partial(run_rotation_step, TRANSIENT, TRANSIENT),
    "a retirement": run_retirement,
    "a retirement that cannot be reported": partial(run_retirement, sending=TRANSIENT),
    "a retirement of a deleted secret": partial(run_retirement, SecretGoneError("no such secret")),
    "a retirement that fails": partial(run_retirement, PERMANENT),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_the_log_lines_of_a_function_can_be_written(work: Callable[[], None], log: LogLines) -> None:
    work()
    assert all(line["message"] for line in log.lines)
    assert log.lines


def test_every_log_call_of_the_functions_is_made_here(log: LogLines) -> None:
    for work in WORK.values():
        work()
    missing = [str(call) for call in log_calls() if not any(call.contains(*made) for made in log.calls)]
    assert missing == []


def test_a_log_call_that_cannot_be_written_fails_its_test(log: LogLines) -> None:
    with pytest.raises(KeyError, match="created"):
        logger.info("granted", created=True)
    with pytest.raises(TypeError, match="not all arguments"):
        logger.info("no place for it", "it")
    assert not log.lines
