"""The `rotate_key` function: Secrets Manager invokes it for each step of a rotation.

Its event: `Step`, `SecretId` (an ARN) and `ClientRequestToken`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.errors import PermanentError, TransientError
from lambdas.handlers.bootstrap.rotate import rotate_function
from lambdas.observability import FAILED_STEPS, logger, metrics
from lambdas.rotation.ports import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from lambdas.rotation.rotation_notifications import RotationNotifications


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Whatever it raises fails the step, and Secrets Manager tries the whole rotation again. People are told
    of a refusal; a failed step is counted besides, because something may be wrong with the remediator.
    """
    function = rotate_function()
    steps = {
        "createSecret": function.rotator.create_secret,
        "setSecret": function.rotator.set_secret,
        "testSecret": function.rotator.test_secret,
        "finishSecret": function.rotator.finish_secret,
    }
    step, secret, token = event["Step"], event["SecretId"], event["ClientRequestToken"]
    faults = 0
    try:
        steps[step](secret, token)
        if step == "finishSecret":
            function.notifications.tell_success(secret, token)
    except Exception as error:
        faults = int(_is_fault(error, step, secret)) + int(not _told(function.notifications, event, error))
        raise
    finally:
        metrics.add_metric(name=FAILED_STEPS, unit=MetricUnit.Count, value=faults)
    logger.info("step done", step=step, secret=secret)


def _is_fault(error: Exception, step: str, secret: str) -> bool:
    if isinstance(error, RefusedError):
        logger.warning("the rotation is refused", step=step, secret=secret, reason=str(error))
        return False
    if isinstance(error, (PermanentError, TransientError)):
        logger.warning("the step failed", step=step, secret=secret, reason=str(error))
    return True


def _told(notifications: RotationNotifications, event: Mapping[str, str], error: Exception) -> bool:
    """Whatever fails here, the step fails for its own reason."""
    try:
        notifications.tell_failure(event["Step"], event["SecretId"], event["ClientRequestToken"], error)
    except (PermanentError, TransientError) as untold:
        logger.warning("the failure could not be told", secret=event["SecretId"], cause=str(untold))
        return False
    return True
