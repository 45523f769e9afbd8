"""The `enrol_users` function: invoked by the enrolment queue with batches of users to process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.sqs_batch import parse_messages, partial_batch_response
from lambdas.handlers.bootstrap.enrol import enrol_function
from lambdas.handlers.bootstrap.reporting import report
from lambdas.observability import logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    outcome = enrol_function().process(
        parse_messages(event), lambda: context.get_remaining_time_in_millis() / 1000
    )
    report(outcome)
    return partial_batch_response(outcome)
