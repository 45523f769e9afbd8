"""The `fail_over` function: `remediate` and `alert_timer` invoke it, or a person who approves a loan.

Its event: `secret` (a name), `backup` (a user's name) where the backup's key is to be lent, and `token`,
under which the same fail over may be asked for any number of times. It answers `outcome`: `failed-over`,
`unchanged` where the secret names a key that works, or `refused` with a `reason`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.errors import PermanentError, TransientError
from lambdas.handlers.bootstrap.fail_over import failing_over
from lambdas.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from lambdas.rotation.domain.fail_overs import FailOverResult


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """What may work later is raised, so that an alarm tells of it."""
    secret, backup = str(event["secret"]), str(event.get("backup", ""))
    try:
        carried = _fail_over(secret, backup, str(event.get("token") or context.aws_request_id))
    except PermanentError as error:
        logger.warning("the fail over is refused", secret=secret, backup=backup, reason=str(error))
        return {"outcome": "refused", "reason": str(error)}
    except TransientError as error:
        logger.warning("the fail over failed", secret=secret, backup=backup, reason=str(error))
        raise
    answer = _answer(carried)
    logger.info("the secret carries a key that works", secret=secret, answer=answer)
    return answer


def _fail_over(secret: str, backup: str, token: str) -> FailOverResult:
    if backup:
        return failing_over().to_backup(secret, backup, token)
    return failing_over().to_previous(secret, token)


def _answer(carried: FailOverResult) -> dict[str, str]:
    return {
        "outcome": "failed-over" if carried.moved else "unchanged",
        "accessKeyId": carried.access_key_id,
        "since": carried.since.isoformat(),
        "lender": carried.lender,
    }
