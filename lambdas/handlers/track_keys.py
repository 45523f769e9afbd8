"""The `track_keys` function: invoked by the queue of IAM events with batches of CloudTrail records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.sqs_batch import parse_messages, partial_batch_response
from lambdas.handlers.bootstrap.reporting import report
from lambdas.handlers.bootstrap.track import track_function
from lambdas.observability import logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    outcome = track_function().process(
        parse_messages(event), lambda: context.get_remaining_time_in_millis() / 1000
    )
    report(outcome)
    return partial_batch_response(outcome)
