"""The `alert_timer` function: invoked by EventBridge every minute; its event is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.errors import TransientError
from lambdas.handlers.bootstrap.remediate import remediate_function
from lambdas.handlers.bootstrap.reporting import report_subscriptions, report_timer_run
from lambdas.handlers.bootstrap.subscription_check import subscription_check
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
    outcome.failures.extend(check_subscriptions())
    report_timer_run(outcome)


def check_subscriptions() -> list[Exception]:
    """The failure, if there is one: a check that fails is made by the next run."""
    try:
        report_subscriptions(subscription_check().run_if_due())
    except TransientError as error:
        return [error]
    return []
