"""The `enrol_users` function: the enrolments' queue invokes it with batches of users to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.sqs_batch import messages_of, partial_batch_response
from lambdas.handlers.bootstrap.enrol import enrol_function
from lambdas.handlers.bootstrap.reporting import report
from lambdas.observability import logger, metrics
from lambdas.text import printable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from lambdas.enrolment.domain.claims import ClaimDecision


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    batch = enrol_function().new_batch(lambda: context.get_remaining_time_in_millis() / 1000)
    outcome = batch.process(messages_of(event))
    for user_name, verdict in batch.verdicts:
        _log(user_name, verdict)
    report(outcome)
    return partial_batch_response(outcome)


def _log(user_name: str, verdict: ClaimDecision) -> None:
    user = printable(user_name)
    if verdict.flaw:
        logger.warning("the claim is refused", user=user, reason=verdict.flaw)
    if verdict.is_granted:
        logger.info("the claim is granted", user=user, created=verdict.creates, rotation=verdict.rotating)
    if verdict.waits:
        logger.info("left to the next sync, or the next tag", user=user, reason=verdict.waits)
