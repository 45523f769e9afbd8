"""The `retire_keys` function: EventBridge invokes it every hour; its event does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.bootstrap.rotate import retire_function
from lambdas.domain.errors import TransientError
from lambdas.observability import FAILED_RECORDS, logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from lambdas.retirement_notices import RetirementNotices
    from lambdas.retiring import Retired

SECONDS_FOR_A_SECRET = 20


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Each secret fails alone; what is left undone is due in the next hour."""
    function, failures = retire_function(), 0
    for name in function.rotations.all_names():
        if context.get_remaining_time_in_millis() / 1000 < SECONDS_FOR_A_SECRET:
            logger.info("to be gone on with in the next hour")
            break
        try:
            for done in function.retirer.look_after(name):
                logger.info("looked after", secret=name, key=done.access_key_id, step=done.step)
                failures += _untold(function.notices, done)
        except Exception:  # noqa: BLE001 -- counted below, and alarmed; the other secrets must go on
            logger.exception("a managed secret could not be looked after", secret=name)
            failures += 1
    metrics.add_metric(name=FAILED_RECORDS, unit=MetricUnit.Count, value=failures)


def _untold(notices: RetirementNotices, done: Retired) -> int:
    """1 where it could not be told."""
    try:
        notices.tell(done)
    except TransientError as error:
        logger.warning("it could not be told", secret=done.secret_name, step=done.step, reason=str(error))
        return 1
    return 0
