"""Tells the operators that the remediator itself is broken, so that silence means only that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import ComparisonOperator, Stats

from infra.detection.queues import MAX_RECEIVES
from infra.monitoring.alarms import LATE_SECONDS, MINUTE, Alarms, own_metric
from lambdas.observability import FAILED_RECORDS, OVERDUE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from constructs import Construct

    from infra.detection.queues import Intake
    from infra.detection.rules import SignalRule

FIVE_MINUTES = Duration.minutes(5)


class Monitoring(Alarms):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        operations_topic: Topic,
        intake: Intake,
        rules: Sequence[SignalRule],
        remediate: Function,
        alert_timer: Function,
        track_keys: Function,
        retire_keys: Function,
        enrol_users: Function,
    ) -> None:
        super().__init__(scope, construct_id, operations_topic=operations_topic)
        self._watch_queues(intake, remediate, track_keys)
        self.watch_rules(rules, queue=intake.signal_queue, dead_letters=intake.dead_letter_queue)
        self.watch_function(
            remediate, "", f"Its signals are tried again, and given up after {MAX_RECEIVES} times."
        )
        self.watch_function(
            alert_timer, "Timer", "What it left undone is still due, and tried again every minute."
        )
        self._watch_records(remediate, alert_timer, track_keys, retire_keys, enrol_users)
        self._watch_schedule(alert_timer)
        self._watch_what_is_due(alert_timer)

    def _watch_queues(self, intake: Intake, remediate: Function, track_keys: Function) -> None:
        self.alarm(
            "DeadLetters",
            intake.dead_letter_queue.metric_approximate_number_of_messages_visible(
                period=MINUTE, statistic=Stats.MAXIMUM
            ),
            "Signals of refused access keys, or records of what was done to keys, were given up: somebody "
            f"may not have been told. Read the messages in {intake.dead_letter_queue.queue_name}. The "
            "attribute `reason` says what is malformed; ERROR_CODE, why EventBridge could not deliver; "
            f"without either, function {remediate.function_name} or {track_keys.function_name} failed, and "
            "its log says why. Mend that, then redrive the messages to the queue they came from, or delete "
            "them.",
        )
        self.watch_age(
            "LateSignals",
            intake.signal_queue,
            f"A signal of a refused access key has waited {LATE_SECONDS} seconds in "
            f"{intake.signal_queue.queue_name}, where seconds are normal: alerts are late. Look for errors "
            f"and throttles of function {remediate.function_name}, and whether its trigger is enabled.",
        )

    def _watch_records(
        self,
        remediate: Function,
        alert_timer: Function,
        track_keys: Function,
        retire_keys: Function,
        enrol_users: Function,
    ) -> None:
        self.alarm(
            "FailedRecords",
            own_metric(FAILED_RECORDS),
            f"Function {remediate.function_name}, {track_keys.function_name} or {enrol_users.function_name} "
            f"could not handle some of its messages and tries them again, up to {MAX_RECEIVES} times; or "
            f"{alert_timer.function_name} some incidents that were due, news among them, and tries them "
            f"again every five minutes; or {retire_keys.function_name} some managed secrets, and tries them "
            "again every hour; "
            "or a channel (the alert topic, the chat topic, the incident bus) refused a message: it is sent "
            "later, or given up if the log says that the channel can never take it; or the exemptions could "
            "not be read, and alerts go out as if there were none. The log names the call that failed. "
            "If it goes on failing, a permission is missing; if it passes, that service was throttled or out "
            "of order.",
        )

    def _watch_schedule(self, alert_timer: Function) -> None:
        self.alarm_when_missing(
            "TimerDidNotRun",
            alert_timer.metric_invocations(period=FIVE_MINUTES),
            f"Function {alert_timer.function_name} has not run for ten minutes, where it should every "
            "minute: unsent alerts, news, digests and closings are late, and keys that were unknown are "
            "not looked at once more. See whether its schedule, an EventBridge rule of the same stack, is "
            "there and enabled, and whether the function is throttled. Deploying the stack again mends "
            "changes made by hand. After the first deployment this passes as soon as it has run.",
            evaluation_periods=2,
        )

    def _watch_what_is_due(self, alert_timer: Function) -> None:
        self.alarm(
            "LateIncidents",
            own_metric(OVERDUE_SECONDS, statistic=Stats.MAXIMUM),
            f"An incident has waited {LATE_SECONDS} seconds for function {alert_timer.function_name}, where "
            "a minute is normal: more are due than it can look after: news, digests and closings are late. "
            "What is unsent goes first. See in its log whether calls to AWS fail or are throttled, each of "
            "which takes its time; else it works off what has piled up, and this passes.",
            threshold=LATE_SECONDS,
            operator=ComparisonOperator.GREATER_THAN_THRESHOLD,
        )
