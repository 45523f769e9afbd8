"""A schedule without retries: the work of a lost or failed run is done by the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_lambda import Function
    from constructs import Construct

MINUTE = Duration.minutes(1)
HOUR = Duration.hours(1)


class ScheduledRun(Rule):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: Function,
        every: Duration,
        description: str,
        event: Mapping[str, object] | None = None,
    ) -> None:
        # By default Lambda retries a failed run twice, and a throttled run for six hours.
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        function.configure_async_invoke(retry_attempts=0, max_event_age=every)
        tick = LambdaFunction(
            function,
            retry_attempts=0,
            event=RuleTargetInput.from_object(event) if event else None,
        )
        super().__init__(
            scope,
            construct_id,
            description=description,
            schedule=Schedule.rate(every),
            targets=[tick],
        )
