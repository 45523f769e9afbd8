"""A group of CloudWatch alarms that notify the operations topic, and the metrics that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, Metric, Stats, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from infra.functions.schedule import MINUTE
from lambdas.observability import NAMESPACE, SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from aws_cdk.aws_sqs import Queue

    from infra.detection.rules import SignalRule

LATE_SECONDS = 600


def own_metric(name: str, *, statistic: str = Stats.SUM, period: Duration = MINUTE) -> Metric:
    """A metric that the functions write to their logs in the embedded metric format."""
    return Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": SERVICE},
        statistic=statistic,
        period=period,
    )


class Alarms(Construct):
    """An operator may know nothing else of the remediator than an alarm's description. So each says what
    happened, what it means and what to do.
    """

    def __init__(self, scope: Construct, construct_id: str, *, operations_topic: Topic) -> None:
        super().__init__(scope, construct_id)
        self._action = SnsAction(operations_topic)

    def watch_function(self, function: Function, prefix: str, consequence: str) -> None:
        self.alarm_when_any(
            f"{prefix}FunctionErrors",
            function.metric_errors(period=MINUTE),
            f"Function {function.function_name} failed, or ran out of time or memory. {consequence} Find the "
            "error in the function's log. If a deployment caused it, roll the deployment back.",
        )
        self.watch_throttles(function, prefix)

    def watch_throttles(self, function: Function, prefix: str) -> None:
        self.alarm_when_any(
            f"{prefix}Throttles",
            function.metric_throttles(period=MINUTE),
            f"Lambda throttled function {function.function_name} because the account's concurrency limit is "
            "reached, so its work is delayed. Find the function that uses the concurrency, or request a "
            "higher quota.",
        )

    def watch_age(
        self, construct_id: str, queue: Queue, consumer: Function, *, content: str, consequence: str
    ) -> None:
        self.alarm_when_late(
            construct_id,
            queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic=Stats.MAXIMUM),
            f"{content} has waited {LATE_SECONDS} seconds in queue {queue.queue_name}; a few seconds are "
            f"normal. {consequence} Check function {consumer.function_name} for errors and throttles, and "
            "check that its event source mapping is enabled. Messages are lost after four days in the queue.",
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
                f"EventBridge rule {rule.name} could not deliver an event to queue {queue.queue_name}. The "
                "queue or its policy was probably changed by hand. Deploy the stack again. The undelivered "
                f"events are in queue {dead_letters.queue_name}. Their attribute ERROR_MESSAGE gives the "
                "reason.",
            )

    def alarm_when_any(self, construct_id: str, metric: IMetric, description: str) -> None:
        at_least_1 = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        self._alarm(construct_id, metric, description, at_least_1, threshold=1)

    def alarm_when_late(self, construct_id: str, metric: IMetric, description: str) -> None:
        over = ComparisonOperator.GREATER_THAN_THRESHOLD
        self._alarm(construct_id, metric, description, over, threshold=LATE_SECONDS)

    def watch_schedule(
        self, construct_id: str, function: Function, period: Duration, *, expected: str, consequence: str
    ) -> None:
        self.alarm_when_missing(
            construct_id,
            function.metric_invocations(period=period),
            f"Function {function.function_name} {expected}. {consequence} Check that its schedule, an "
            "EventBridge rule of this stack, exists and is enabled, and that the function is not throttled. "
            "Deploying the stack again reverts manual changes. After the first deployment the alarm clears "
            "when the function has run once.",
            evaluation_periods=2,
        )

    def alarm_when_missing(
        self, construct_id: str, metric: IMetric, description: str, *, evaluation_periods: int
    ) -> None:
        """For what should happen in every period. Where it does not, the metric has no data instead of 0."""
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
        # Without it nobody learns that the alarm is over. CloudWatch sends it once after the deployment too,
        # when the alarm leaves INSUFFICIENT_DATA for the first time.
        alarm.add_ok_action(self._action)
