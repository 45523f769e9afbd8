"""The `alert_timer` function: EventBridge invokes it every minute; its event does not matter."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.bootstrap import RemediateFunction, remediate_function
from lambdas.observability import logger, metrics
from lambdas.reporting import report
from lambdas.round import work_off_due

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def function() -> RemediateFunction:
    return remediate_function()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    report(work_off_due(function().remediator, lambda: context.get_remaining_time_in_millis() / 1000))
