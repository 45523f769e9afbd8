"""What a batch or a round of the timer came to, for the log and the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.errors import PermanentError
from lambdas.observability import FAILED_RECORDS, FAILED_STEPS, OVERDUE_SECONDS, logger, metrics

if TYPE_CHECKING:
    from lambdas.aws.sqs_batch import Outcome
    from lambdas.incidents.domain.outbox import Channel
    from lambdas.remediation.due_incidents import TimerRun
    from lambdas.remediation.outcome import RemediationOutcome


def report_unreadable_exemptions(error: Exception) -> None:
    logger.error("the exemptions could not be read: alerts go out as if there were none", exc_info=error)
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=1)


def report_failed_steps(count: int) -> None:
    metrics.add_metric(name=FAILED_STEPS, unit=MetricUnit.Count, value=count)


def report_untold(error: Exception) -> None:
    logger.error("news of an incident could not be told: the timer tries again", exc_info=error)
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=1)


def report_refusal(channel: Channel, error: Exception) -> None:
    """Of a message of an incident."""
    if isinstance(error, PermanentError):
        logger.error("a channel can never take a message: it is given up", channel=channel, exc_info=error)
    else:
        logger.error("a channel refused a message: it is sent later", channel=channel, exc_info=error)
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=1)


def report_round(outcome: TimerRun) -> None:
    metrics.add_metric(name=OVERDUE_SECONDS, unit=MetricUnit.Seconds, value=outcome.overdue.total_seconds())
    report_remediation(outcome)


def report_remediation(outcome: RemediationOutcome) -> None:
    for finding in outcome.findings:
        logger.info(
            "diagnosed",
            incident=finding.incident.incident_id,
            cause=finding.diagnosis.cause,
            decision=finding.decision.action,
            guardrail=finding.decision.guardrail,
            reason=finding.decision.reason,
        )
    for notification in outcome.told:
        logger.info(
            "told",
            notification=notification.kind,
            secret=notification.secret_name,
            key=notification.access_key_id,
        )
    report(outcome)


def report(outcome: Outcome) -> None:
    """Lambda's own error metric stays 0 when a batch fails in part, so failures have a metric here."""
    for rejected in outcome.rejected:
        logger.warning("rejected to the dead-letter queue", message_and_reason=rejected)
    for failure in outcome.failures:
        logger.error("a record failed and will be tried again", exc_info=failure)
    if outcome.to_retry:
        logger.info("to be delivered again", messages=outcome.to_retry)
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=len(outcome.failures))
