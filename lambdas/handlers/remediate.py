"""The `remediate` function: invoked by the signal queue with batches of up to 100 messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.sqs_batch import parse_messages, partial_batch_response
from lambdas.handlers.bootstrap.remediate import remediate_function
from lambdas.handlers.bootstrap.reporting import report_remediation
from lambdas.observability import logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    batch = remediate_function().new_batch(lambda: context.get_remaining_time_in_millis() / 1000)
    outcome = batch.process(parse_messages(event))
    report_remediation(outcome)
    return partial_batch_response(outcome)
