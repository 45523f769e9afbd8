"""The `rotate_key` function: invoked by Secrets Manager for each step of a rotation.

Its event: `Step`, `SecretId` (an ARN) and `ClientRequestToken`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.handlers.bootstrap.rotate import rotate_function
from lambdas.observability import logger, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """An exception fails the step."""
    rotate_function().run(event["Step"], event["SecretId"], event["ClientRequestToken"])
