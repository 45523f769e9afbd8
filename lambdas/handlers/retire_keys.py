"""The `retire_keys` function: invoked by EventBridge every hour; its event is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.retire import retire_function
from lambdas.observability import FAILED_RECORDS, SECRETS_LEFT, count, logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    outcome = retire_function().process_all(lambda: context.get_remaining_time_in_millis() / 1000)
    count(FAILED_RECORDS, outcome.failures)
    count(SECRETS_LEFT, outcome.failures + outcome.secrets_left)
