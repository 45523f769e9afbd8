"""Logs and metrics of what a function did."""

from __future__ import annotations

from collections.abc import Sequence

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.alerting.domain.subscriptions import TopicStatus
from lambdas.aws.sqs_batch import Outcome
from lambdas.enrolment.domain.claims import ClaimDecision
from lambdas.errors import BusyError, PermanentError
from lambdas.incidents.domain.outbox import Channel
from lambdas.observability import (
    FAILED_RECORDS,
    INCOMPLETE_TOPICS,
    OVERDUE_SECONDS,
    count,
    logger,
)
from lambdas.remediation.due_incidents import TimerRun
from lambdas.remediation.outcome import RemediationOutcome
from lambdas.text import printable


def report_unreadable_exemptions(error: Exception) -> None:
    logger.error("exemptions cannot be read; alerts are sent as if there were none", exc_info=error)
    count(FAILED_RECORDS, 1)


def report_failed_update(error: Exception) -> None:
    logger.error("an incident's update could not be sent; the timer retries it", exc_info=error)
    count(FAILED_RECORDS, 1)


def report_failed_delivery(channel: Channel, error: Exception) -> None:
    """Of an incident's message, which waits in its outbox unless it is dropped."""
    if isinstance(error, BusyError):
        logger.info("an alert waits for its turn, because many are being sent", channel=channel)
        return
    if isinstance(error, PermanentError):
        logger.error("a channel rejected a message, which is dropped", channel=channel, exc_info=error)
    else:
        logger.error("a message could not be sent; it is retried later", channel=channel, exc_info=error)
    count(FAILED_RECORDS, 1)


def report_claim(user_name: str, decision: ClaimDecision) -> None:
    user = printable(user_name)
    if decision.refusal:
        logger.warning("claim refused", user=user, reason=decision.refusal)
    if decision.is_granted:
        logger.info("claim granted", user=user, secret_created=decision.creates, rotation=decision.schedule)
    if decision.waits_for:
        logger.info("claim left to the next sync or tag change", user=user, reason=decision.waits_for.value)


def report_timer_run(outcome: TimerRun) -> None:
    count(OVERDUE_SECONDS, outcome.overdue.total_seconds(), MetricUnit.Seconds)
    report_remediation(outcome)


def report_subscriptions(incomplete: Sequence[TopicStatus]) -> None:
    for status in incomplete:
        logger.error(
            "subscriptions of a topic are not confirmed",
            topic=status.topic,
            confirmed=status.confirmed,
            missing=status.missing,
        )
    count(INCOMPLETE_TOPICS, len(incomplete))


def report_remediation(outcome: RemediationOutcome) -> None:
    for finding in outcome.findings:
        logger.info(
            "incident evaluated",
            incident=finding.incident.incident_id,
            cause=finding.diagnosis.cause,
            decision=finding.decision.action,
            guardrail=finding.decision.guardrail,
            reason=finding.decision.reason,
        )
    for notification in outcome.notifications:
        logger.info(
            "notification sent",
            notification=notification.kind,
            secret=notification.secret_name,
            key=notification.access_key_id,
        )
    report(outcome)


def report(outcome: Outcome) -> None:
    """Logs and counts failures: Lambda's own error metric stays 0 if a batch fails only in part."""
    for rejected in outcome.rejected:
        logger.warning("message moved to the dead-letter queue", message_and_reason=rejected)
    for failure in outcome.failures:
        logger.error("a record failed and will be retried", exc_info=failure)
    if outcome.to_retry:
        logger.info("messages will be delivered again", messages=outcome.to_retry)
    count(FAILED_RECORDS, len(outcome.failures))
