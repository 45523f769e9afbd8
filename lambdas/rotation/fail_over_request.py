"""Answers a request for a fail over.

Request: `secret` (its name); `backup` (a user name) to lend that user's key; `token`, which makes the request
idempotent. Response: `outcome`, which is `failed-over`, `unchanged` if the secret has a working key already,
or `refused` with a `reason`; unless refused, also `accessKeyId`, `since`, `lender` and `changed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.codec import to_plain
from lambdas.errors import PermanentError
from lambdas.observability import logger
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.ports import FailOver


def respond(
    fail_over: FailOver,
    request: Mapping[str, Any],
    default_token: str,
    report: Callable[[str, FailOverResult], None],
) -> dict[str, Any]:
    """Raises TransientError for what may work later, so that the function's error alarm reports it. `report`
    is called after a request without a token, which a person made.
    """
    secret, backup = str(request["secret"]), str(request.get("backup", ""))
    token = str(request.get("token") or default_token)
    try:
        if backup:
            result = fail_over.to_backup(secret, backup, token)
        else:
            result = fail_over.to_previous(secret, token)
    except PermanentError as error:
        logger.warning("fail over refused", secret=secret, backup=backup, reason=str(error))
        return {"outcome": "refused", "reason": str(error)}
    if not request.get("token"):
        report(secret, result)
    outcome = "failed-over" if result.changed else "unchanged"
    logger.info("fail over completed", secret=secret, outcome=outcome, result=result)
    return {"outcome": outcome, **to_plain(result)}
