"""The `rotate_key` function: Secrets Manager invokes it for each step of a rotation.

Its event: `Step`, `SecretId` (an ARN) and `ClientRequestToken`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.bootstrap.rotate import rotator
from lambdas.domain.errors import PermanentError, TransientError
from lambdas.domain.rotation.ports import RefusedError
from lambdas.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Whatever it raises fails the step, and Secrets Manager tries the whole rotation again."""
    steps = {
        "createSecret": rotator().create_secret,
        "setSecret": rotator().set_secret,
        "testSecret": rotator().test_secret,
        "finishSecret": rotator().finish_secret,
    }
    step, secret = event["Step"], event["SecretId"]
    try:
        steps[step](secret, event["ClientRequestToken"])
    except RefusedError as error:
        logger.warning("the rotation is refused", step=step, secret=secret, reason=str(error))
        raise
    except (PermanentError, TransientError) as error:
        logger.warning("the step failed", step=step, secret=secret, reason=str(error))
        raise
    logger.info("step done", step=step, secret=secret)
