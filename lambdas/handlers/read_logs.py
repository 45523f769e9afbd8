"""The `read_logs` function: invoked by CloudWatch Logs with the lines of subscribed log groups that contain a
sentence of AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.detection.log_delivery import refusals_in
from lambdas.handlers.bootstrap.read_logs import read_logs_function
from lambdas.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 -- Lambda passes it
    """A failure raises, and Lambda tries twice more."""
    read_logs_function().send(refusals_in(event))
