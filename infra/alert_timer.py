"""The `alert_timer` function: its schedule, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from constructs import Construct

from infra.remediator_function import RemediatorFunction

if TYPE_CHECKING:
    from infra.remediator_function import Surroundings

TIMEOUT = Duration.seconds(40)  # below the 45 seconds for which a worker claims an incident
TICK = Duration.minutes(1)


class AlertTimer(Construct):
    """What is due stays due until it is worked off. So a tick that is lost, or whose run fails, is made up
    for by the next one: it is neither tried again nor kept as a dead letter.
    """

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(scope, construct_id)
        self.function = RemediatorFunction(
            self,
            "AlertTimer",
            description="Looks once more at refused access keys, when the time for it has come",
            handler_module="alert_timer",
            timeout=TIMEOUT,
            surroundings=surroundings,
        )
        # Else Lambda itself would try a failed run twice more, and a throttled one for six hours.
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        self.function.configure_async_invoke(retry_attempts=0, max_event_age=TICK)
        self.function.allow(["dynamodb:Query"], on=surroundings.storage.due_index_arn)
        Rule(
            self,
            "EveryMinute",
            description="Starts the alert timer",
            schedule=Schedule.rate(TICK),
            targets=[LambdaFunction(self.function, retry_attempts=0)],
        )
