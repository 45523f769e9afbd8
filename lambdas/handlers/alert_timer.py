"""The `alert_timer` function: EventBridge invokes it every minute; its event does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.bootstrap.remediate import remediate_function
from lambdas.observability import logger, metrics
from lambdas.reporting import report
from lambdas.round import work_off_due

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    remediator = remediate_function().remediator
    report(work_off_due(remediator, lambda: context.get_remaining_time_in_millis() / 1000))
