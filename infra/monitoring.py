"""Tells the operators that the remediator itself is broken, so that silence means only that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, Metric, Stats, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from constructs import Construct

from lambdas.observability import FAILED_RECORDS, NAMESPACE, SERVICE

if TYPE_CHECKING:
    from aws_cdk.aws_cloudwatch import IMetric
    from aws_cdk.aws_events import Rule
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic

    from infra.intake import Intake

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)
LATE_SECONDS = 600


class Monitoring(Construct):
    """Each description is all that its reader may know of the remediator: what it means, what to do."""

    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        operations_topic: Topic,
        intake: Intake,
        rule: Rule,
        remediate: Function,
        alert_timer: Function,
    ) -> None:
        super().__init__(scope, construct_id)
        self._action = SnsAction(operations_topic)
        self._watch_queues(intake, remediate)
        self._watch_rule(rule, intake)
        self._watch_function(remediate, "", "Its signals are tried again, and given up after five times.")
        self._watch_function(
            alert_timer, "Timer", "What it left undone is still due, and tried again every minute."
        )
        self._watch_records(remediate, alert_timer)
        self._watch_schedule(alert_timer)

    def _watch_queues(self, intake: Intake, function: Function) -> None:
        queue = intake.signal_queue.queue_name
        dead_letter_queue = intake.dead_letter_queue.queue_name
        self._alarm(
            "DeadLetters",
            intake.dead_letter_queue.metric_approximate_number_of_messages_visible(
                period=MINUTE, statistic=Stats.MAXIMUM
            ),
            "Signals of refused access keys were given up: somebody may not have been told. Read the "
            f"messages in {dead_letter_queue}. The attribute `reason` says what is malformed; ERROR_CODE, "
            f"why EventBridge could not deliver; without either, function {function.function_name} failed, "
            f"and its log says why. Mend that, then redrive the messages to {queue}, or delete them.",
        )
        self._alarm(
            "LateSignals",
            intake.signal_queue.metric_approximate_age_of_oldest_message(
                period=MINUTE, statistic=Stats.MAXIMUM
            ),
            f"A signal of a refused access key has waited {LATE_SECONDS} seconds in {queue}, where seconds "
            "are normal: alerts are late. Look for errors and throttles of function "
            f"{function.function_name}, and whether its trigger is enabled. After four days in the queue a "
            "signal is lost.",
            threshold=LATE_SECONDS,
            operator=ComparisonOperator.GREATER_THAN_THRESHOLD,
        )

    def _watch_rule(self, rule: Rule, intake: Intake) -> None:
        self._alarm(
            "UndeliveredEvents",
            Metric(
                namespace="AWS/Events",
                metric_name="FailedInvocations",
                dimensions_map={"RuleName": rule.rule_name},
                statistic=Stats.SUM,
                period=MINUTE,
            ),
            f"EventBridge rule {rule.rule_name} could not deliver a refused call to "
            f"{intake.signal_queue.queue_name}. The queue or its policy was probably changed by hand: deploy "
            f"the stack again. The events are in {intake.dead_letter_queue.queue_name}, with the attribute "
            "ERROR_MESSAGE.",
        )

    def _watch_function(self, function: Function, prefix: str, what_follows: str) -> None:
        name = function.function_name
        self._alarm(
            f"{prefix}FunctionErrors",
            function.metric_errors(period=MINUTE),
            f"Function {name} crashed, or ran out of time or memory. {what_follows} Look for the error in "
            "its log; a faulty deployment can be rolled back.",
        )
        self._alarm(
            f"{prefix}Throttles",
            function.metric_throttles(period=MINUTE),
            f"Lambda refused to run function {name}, because the account's concurrency is used up: alerts "
            "are late. Find the function that uses it, or ask for a higher quota.",
        )

    def _watch_records(self, remediate: Function, alert_timer: Function) -> None:
        self._alarm(
            "FailedRecords",
            Metric(
                namespace=NAMESPACE,
                metric_name=FAILED_RECORDS,
                dimensions_map={"service": SERVICE},
                statistic=Stats.SUM,
                period=MINUTE,
            ),
            f"Function {remediate.function_name} could not handle some of its signals and tries them again, "
            f"up to five times; or {alert_timer.function_name} some incidents that were due, and tries them "
            "again every minute. Its log names the call to AWS that failed. If it goes on failing, a "
            "permission is missing; if it passes, that service was throttled or out of order.",
        )

    def _watch_schedule(self, alert_timer: Function) -> None:
        self._alarm(
            "TimerDidNotRun",
            alert_timer.metric_invocations(period=FIVE_MINUTES),
            f"Function {alert_timer.function_name} has not run for ten minutes, where it should every "
            "minute: keys that were unknown are not looked at once more, and alerts that wait for it are "
            "late. See whether its schedule, an EventBridge rule of the same stack, is there and enabled, "
            "and whether the function is throttled. Deploying the stack again mends changes made by hand.",
            operator=ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=2,
            # A function that does not run has no count of 0: it has none.
            treat_missing_data=TreatMissingData.BREACHING,
        )

    def _alarm(  # noqa: PLR0913 - each is named by its caller
        self,
        construct_id: str,
        metric: IMetric,
        description: str,
        *,
        threshold: int = 1,
        operator: ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
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
