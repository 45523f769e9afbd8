"""The `fail_over` function: invoked by `remediate`, `alert_timer`, or a person who approves a fail over.

Request: `secret` (its name); `backup` (a user name) to lend that user's key; `token`, which makes the request
idempotent. Response: `outcome`, which is `failed-over`, `unchanged` if the secret has a working key already,
or `refused` with a `reason`; unless refused, also `accessKeyId`, `since`, `lender` and `changed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.codec import to_plain
from lambdas.errors import PermanentError, TransientError
from lambdas.handlers.bootstrap.fail_over import fail_over_function
from lambdas.observability import logger
from lambdas.rotation.domain.fail_overs import FailOverResult

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Raises TransientError for what may work later, so that the function's error alarm reports it."""
    secret, backup = str(event["secret"]), str(event.get("backup", ""))
    try:
        result = _fail_over(secret, backup, str(event.get("token") or context.aws_request_id))
    except PermanentError as error:
        logger.warning("fail over refused", secret=secret, backup=backup, reason=str(error))
        return {"outcome": "refused", "reason": str(error)}
    except TransientError as error:
        logger.warning("fail over failed", secret=secret, backup=backup, reason=str(error))
        raise
    outcome = "failed-over" if result.changed else "unchanged"
    logger.info("fail over completed", secret=secret, outcome=outcome, result=result)
    return {"outcome": outcome, **to_plain(result)}


def _fail_over(secret: str, backup: str, token: str) -> FailOverResult:
    if backup:
        return fail_over_function().to_backup(secret, backup, token)
    return fail_over_function().to_previous(secret, token)
