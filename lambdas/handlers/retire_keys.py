"""The `retire_keys` function: EventBridge invokes it every hour; its event does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.errors import TransientError
from lambdas.handlers.bootstrap.rotate import retire_function
from lambdas.observability import FAILED_RECORDS, SECRETS_LEFT, logger, metrics
from lambdas.rotation.ports import SecretGoneError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from lambdas.handlers.bootstrap.rotate import RetireFunction
    from lambdas.retirement.retirement_notifications import RetirementNotifications
    from lambdas.retirement.retirer import RetirementStep

SECONDS_FOR_A_SECRET = 20


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Each secret fails alone; what is left undone comes first in the next hour."""
    function, failures = retire_function(), 0
    left = function.round.in_order(function.rotations.all_names())
    while left and context.get_remaining_time_in_millis() / 1000 >= SECONDS_FOR_A_SECRET:
        function.round.begin(left[0])
        failures += _failures(function, left.pop(0))
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=failures)
    metrics.add_metric(name=SECRETS_LEFT, unit=MetricUnit.Count, value=len(left))


def _failures(function: RetireFunction, name: str) -> int:
    try:
        return _look_after(function, name)
    except Exception:  # noqa: BLE001 -- counted, and alarmed; the other secrets must go on
        logger.exception("a managed secret could not be looked after", secret=name)
        return 1


def _look_after(function: RetireFunction, name: str) -> int:
    """How much of what was done could not be told."""
    try:
        all_done = function.retirer.process(name)
    except SecretGoneError:
        logger.info("the managed secret is gone", secret=name)
        function.endings.tell(name)
        return 0
    for done in all_done:
        logger.info("looked after", secret=name, key=done.access_key_id, step=done.step)
    return sum(_untold(function.notifications, done) for done in all_done)


def _untold(notifications: RetirementNotifications, done: RetirementStep) -> int:
    """1 where it could not be told."""
    try:
        notifications.tell(done)
    except TransientError as error:
        logger.warning("it could not be told", secret=done.secret_name, step=done.step, reason=str(error))
        return 1
    return 0
