"""The `remediate` function: the signal queue invokes it with batches of up to 100 messages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.batch import Message, Outcome
from lambdas.bootstrap import RemediateFunction, remediate_function
from lambdas.observability import FAILED_RECORDS, logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def function() -> RemediateFunction:
    return remediate_function()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers with the partial batch response of an SQS event source mapping."""
    messages = [Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]]
    batch = function().new_batch(lambda: context.get_remaining_time_in_millis() / 1000)
    outcome = batch.work_off(messages)
    report(outcome)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in outcome.to_retry]}


def report(outcome: Outcome) -> None:
    """Lambda's own error metric stays 0 when a batch fails in part, so failures have a metric here."""
    for finding in outcome.findings:
        logger.info(
            "diagnosed",
            incident=finding.incident.incident_id,
            cause=finding.diagnosis.cause,
            decision=finding.decision.action,
        )
    for rejected in outcome.rejected:
        logger.warning("rejected to the dead-letter queue", message_and_reason=rejected)
    for failure in outcome.failures:
        logger.error("a record failed and will be delivered again", exc_info=failure)
    if outcome.to_retry:
        logger.info("to be delivered again", messages=outcome.to_retry)
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=len(outcome.failures))
