"""The `sync_keys` function: invoked by EventBridge every minute with `{"onlyIfDue": true}`.

It resumes an unfinished sync, or starts one if it is due; with `{}` it starts one in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.sync import sync_function
from lambdas.observability import SYNC_FINISHED, count, logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """A failure raises; the next invocation resumes where this one stopped."""
    ended = sync_function().synchronise(
        lambda: context.get_remaining_time_in_millis() / 1000, only_if_due=bool(event.get("onlyIfDue"))
    )
    if ended:
        logger.info("ledger sync completed")
        count(SYNC_FINISHED, 1)
