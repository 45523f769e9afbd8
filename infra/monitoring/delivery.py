"""Alarms for the last step to people: SNS could not deliver what it had accepted, or nobody is subscribed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Stats

from infra.functions.schedule import HOUR
from infra.monitoring.alarms import Alarms, Window, own_metric
from lambdas.observability import INCOMPLETE_TOPICS

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from constructs import Construct

    from infra.alerting.topics import AlertChannels

TO_DO = (
    "Find the subscription that fails: its address, queue or function may be gone, or its policy may not let "
    "SNS in. An https endpoint counts each failed attempt, even if a later one succeeds."
)


def watch_deliveries(scope: Construct, channels: AlertChannels) -> None:
    """An alarm cannot be reported by the topic that fails, so the other one reports it: the alert topic what
    the operations topic cannot deliver.
    """
    queue = channels.undelivered_queue.queue_name
    lost = f"The messages that it gave up on are in queue {queue}."
    by_operations = Alarms(scope, "DeliveryMonitoring", operations_topic=channels.operations_topic)
    _watch(
        by_operations,
        "UndeliveredAlerts",
        channels.alert_topic,
        f"SNS could not deliver an alert of topic {channels.alert_topic.topic_name}, so the owner of a "
        f"rejected key may not know of it. {TO_DO} {lost}",
    )
    if channels.chat_topic:
        _watch(
            by_operations,
            "UndeliveredChat",
            channels.chat_topic,
            f"SNS could not deliver a chat message of topic {channels.chat_topic.topic_name}. Check the "
            "channel's configuration in Amazon Q Developer. The alert topic gets the same alerts.",
        )
    _watch(
        Alarms(scope, "OperationsDeliveryMonitoring", operations_topic=channels.alert_topic),
        "UndeliveredAlarms",
        channels.operations_topic,
        f"SNS could not deliver an alarm of topic {channels.operations_topic.topic_name}, so a fault of the "
        "remediator may not be known. This alarm goes to the alert topic instead, to subscriptions without a "
        f"filter. {TO_DO} {lost} Meanwhile, look at the alarms in the console.",
    )


def watch_subscriptions(alarms: Alarms, channels: AlertChannels, alert_timer: Function) -> None:
    """The metric has a value once a day while a subscription is missing, so the alarm covers 30 hours."""
    alarms.alarm_when_any(
        "IncompleteTopics",
        own_metric(INCOMPLETE_TOPICS, period=Duration.hours(6)),
        f"Topic {channels.alert_topic.topic_name} or {channels.operations_topic.topic_name} has no confirmed "
        "subscription, or fewer than were deployed, so people do not get alerts or alarms. A message on the "
        "topic that still has a confirmed subscription names the endpoints, and so does the log of function "
        f"{alert_timer.function_name}. SNS deletes what nobody confirms in time. Subscribe the endpoint "
        "again and confirm it. The check is made once a day.",
        window=Window(1, 5),
    )


def _watch(alarms: Alarms, construct_id: str, topic: Topic, description: str) -> None:
    """Over an hour, so that a subscription that fails every few minutes raises one alarm."""
    failed = topic.metric_number_of_notifications_failed(period=HOUR, statistic=Stats.SUM)
    alarms.alarm_when_any(construct_id, failed, description)
