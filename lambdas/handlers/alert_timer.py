"""The `alert_timer` function: invoked by EventBridge every minute; its event is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.remediate import remediate_function
from lambdas.handlers.bootstrap.reporting import report_timer_run
from lambdas.observability import logger, metrics
from lambdas.remediation.due_incidents import process_due_incidents

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    function = remediate_function()

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    outcome = process_due_incidents(function.remediator, seconds_left)
    outcome.failures.extend(function.exemption_reports.report_ended(seconds_left))
    report_timer_run(outcome)
