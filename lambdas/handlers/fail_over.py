"""The `fail_over` function: invoked by `remediate`, `alert_timer`, or a person who approves a fail over.

rotation/fail_over_request.py describes its request and response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.fail_over import fail_over_function
from lambdas.observability import logger
from lambdas.rotation.fail_over_request import respond

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    function = fail_over_function()
    return respond(function.fail_over, event, context.aws_request_id, function.notifications.send)
