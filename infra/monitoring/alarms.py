"""What the alarms about the remediator itself have in common: where they go, and what each function has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, Metric, Stats, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from lambdas.observability import NAMESPACE, SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from aws_cdk.aws_sqs import Queue

    from infra.detection.rules import SignalRule

MINUTE = Duration.minutes(1)
LATE_SECONDS = 600


def own_metric(name: str, *, statistic: str = Stats.SUM, period: Duration = MINUTE) -> Metric:
    """One that the functions write to their logs."""
    return Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": SERVICE},
        statistic=statistic,
        period=period,
    )


class Alarms(Construct):
    """Each description is all that its reader may know of the remediator: what it means, what to do."""

    def __init__(self, scope: Construct, construct_id: str, *, operations_topic: Topic) -> None:
        super().__init__(scope, construct_id)
        self._action = SnsAction(operations_topic)

    def watch_function(self, function: Function, prefix: str, what_follows: str) -> None:
        self.alarm_when_any(
            f"{prefix}FunctionErrors",
            function.metric_errors(period=MINUTE),
            f"Function {function.function_name} crashed, or ran out of time or memory. {what_follows} Look "
            "for the error in its log; a faulty deployment can be rolled back.",
        )
        self.watch_throttles(function, prefix)

    def watch_throttles(self, function: Function, prefix: str) -> None:
        self.alarm_when_any(
            f"{prefix}Throttles",
            function.metric_throttles(period=MINUTE),
            f"Lambda refused to run function {function.function_name}, because the account's concurrency is "
            "used up: what it does is late. Find the function that uses it, or ask for a higher quota.",
        )

    def watch_age(self, construct_id: str, queue: Queue, description: str) -> None:
        self.alarm_when_late(
            construct_id,
            queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic=Stats.MAXIMUM),
            f"{description} After four days in the queue a message is lost.",
        )

    def watch_rules(self, rules: Sequence[SignalRule], *, queue: Queue, dead_letters: Queue) -> None:
        for rule in rules:
            self.alarm_when_any(
                f"Undelivered{rule.node.id}",
                Metric(
                    namespace="AWS/Events",
                    metric_name="FailedInvocations",
                    dimensions_map=rule.dimensions,
                    statistic=Stats.SUM,
                    period=MINUTE,
                ),
                f"EventBridge rule {rule.name} could not deliver an event to {queue.queue_name}. The queue "
                "or its policy was probably changed by hand: deploy the stack again. The events are in "
                f"{dead_letters.queue_name}, with the attribute ERROR_MESSAGE.",
            )

    def alarm_when_any(self, construct_id: str, metric: IMetric, description: str) -> None:
        at_least_1 = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        self._alarm(construct_id, metric, description, at_least_1, threshold=1)

    def alarm_when_late(self, construct_id: str, metric: IMetric, description: str) -> None:
        over = ComparisonOperator.GREATER_THAN_THRESHOLD
        self._alarm(construct_id, metric, description, over, threshold=LATE_SECONDS)

    def alarm_when_missing(
        self, construct_id: str, metric: IMetric, description: str, *, evaluation_periods: int
    ) -> None:
        """On what should happen in each of so many periods: what does not has no count of 0, it has none."""
        self._alarm(
            construct_id,
            metric,
            description,
            ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=1,
            evaluation_periods=evaluation_periods,
            treat_missing_data=TreatMissingData.BREACHING,
        )

    def _alarm(  # noqa: PLR0913 - each is named by its caller
        self,
        construct_id: str,
        metric: IMetric,
        description: str,
        operator: ComparisonOperator,
        *,
        threshold: int,
        evaluation_periods: int = 1,
        treat_missing_data: TreatMissingData = TreatMissingData.NOT_BREACHING,
    ) -> None:
        alarm = Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=operator,
            evaluation_periods=evaluation_periods,
            treat_missing_data=treat_missing_data,
        )
        alarm.add_alarm_action(self._action)
