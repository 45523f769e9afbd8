"""A group of CloudWatch alarms that notify the operations topic, and the metrics that they share.

An alarm costs money for each of its metrics (docs/cost.md), and each alarm that rings for the same fault as
another makes both less believed. So an alarm watches what no other shows, and functions share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import (
    Alarm,
    ComparisonOperator,
    MathExpression,
    Metric,
    Stats,
    TreatMissingData,
)
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from infra.functions.schedule import MINUTE
from lambdas.observability import NAMESPACE, SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration
    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_sns import Topic

LATE_SECONDS = 600


@dataclass(frozen=True)
class Window:
    """An alarm rings when `datapoints` of the latest `periods` breach."""

    datapoints: int
    periods: int


AT_ONCE = Window(1, 1)
# A throttle is repaired by the next delivery, three minutes later, or by the timer, at most five minutes
# later. What fails then too, needs a person.
REPEATED = Window(2, 10)


def own_metric(name: str, *, statistic: str = Stats.SUM, period: Duration = MINUTE) -> Metric:
    """A metric that the functions write to their logs in the embedded metric format."""
    return Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": SERVICE},
        statistic=statistic,
        period=period,
    )


def total(metrics: Mapping[str, IMetric]) -> IMetric:
    """The sum of the metrics. CloudWatch takes at most ten for an alarm, and counts a missing one as 0.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    return _expression(" + ".join(metrics), metrics, MINUTE)


def _expression(expression: str, metrics: Mapping[str, IMetric], period: Duration) -> MathExpression:
    return MathExpression(expression=expression, using_metrics={**metrics}, period=period)


class Alarms(Construct):
    """An operator may know nothing else of the remediator than an alarm's description. So each says what
    happened, what it means and what to do.
    """

    def __init__(self, scope: Construct, construct_id: str, *, operations_topic: Topic) -> None:
        super().__init__(scope, construct_id)
        self._action = SnsAction(operations_topic)

    def alarm_when_any(
        self, construct_id: str, metric: IMetric, description: str, *, window: Window = AT_ONCE
    ) -> None:
        at_least_1 = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        self._alarm(construct_id, metric, description, at_least_1, threshold=1, window=window)

    def alarm_when_late(self, construct_id: str, metric: IMetric, description: str) -> None:
        over = ComparisonOperator.GREATER_THAN_THRESHOLD
        self._alarm(construct_id, metric, description, over, threshold=LATE_SECONDS)

    def alarm_when_any_is_late(
        self, construct_id: str, metrics: Mapping[str, IMetric], description: str
    ) -> None:
        late = " + ".join(f"({name} > {LATE_SECONDS})" for name in metrics)
        self.alarm_when_any(construct_id, _expression(late, metrics, MINUTE), description)

    def alarm_when_missing(  # noqa: PLR0913 - each is named by its caller
        self,
        construct_id: str,
        expected: str,
        metrics: Mapping[str, IMetric],
        description: str,
        *,
        always: IMetric,
        period: Duration,
        periods: int,
    ) -> None:
        """For what should happen in every period, which the expression `expected` counts.

        A metric without data would count as breaching from the alarm's creation on, before anything could
        happen. So the metric `always`, which has data as long as the stack exists, makes a missing value 0
        (docs/decisions/0021-alarms-that-are-silent-on-a-healthy-first-day.md).
        """
        counted = _expression(f"{expected} + 0 * always", {**metrics, "always": always}, period)
        below = ComparisonOperator.LESS_THAN_THRESHOLD
        window = Window(periods, periods)
        self._alarm(construct_id, counted, description, below, threshold=1, window=window)

    def _alarm(  # noqa: PLR0913 - each is named by its caller
        self,
        construct_id: str,
        metric: IMetric,
        description: str,
        operator: ComparisonOperator,
        *,
        threshold: int,
        window: Window = AT_ONCE,
    ) -> None:
        alarm = Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=operator,
            evaluation_periods=window.periods,
            datapoints_to_alarm=window.datapoints,
            treat_missing_data=TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        # Without it nobody learns that the alarm is over. CloudWatch sends it once after the deployment too,
        # when the alarm leaves INSUFFICIENT_DATA for the first time.
        alarm.add_ok_action(self._action)
