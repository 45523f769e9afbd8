"""The `subscribe_logs` function: invoked by CloudFormation for its custom resource, and every hour with `{}`.

detection/subscription_request.py describes request and response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.subscribe_logs import subscribe_logs_function
from lambdas.observability import logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 -- Lambda passes it
    function = subscribe_logs_function()
    if "RequestType" in event:
        function.answer_cloudformation(event)
    else:
        function.subscribe_all()
