"""The channels that the remediator sends to: topics for alerts, chat and alarms, and a bus for events."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Validations
from aws_cdk import aws_sns as sns
from aws_cdk.aws_events import EventBus
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from constructs import Construct

from infra.detection.queues import DeadLetters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_kms import Key
    from aws_cdk.aws_sqs import Queue

    from infra.config.config import Config
    from infra.config.subscriptions import AlertSubscription, Subscription

FilterPolicy = dict[str, sns.SubscriptionFilter]
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
PUBLISHING_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


class AlertChannels(Construct):
    """Topics for alerts, for alarms about the remediator itself and, if configured, for chat messages, all
    encrypted with `key`. Chat needs its own topic, because Amazon Q Developer drops plain text.

    The owner of a subscribed queue or function must allow SNS to use it: in the queue's policy
    (`sqs:SendMessage` for sns.amazonaws.com, and in the policy of its key) or in the function's
    (`lambda:InvokeFunction`). E-mail and HTTPS subscriptions wait until their owner confirms them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: Key, config: Config) -> None:
        super().__init__(scope, construct_id)
        self.alert_topic = self._topic("Alerts", "Access Key Remediator", key)
        self.operations_topic = self._topic("Operations", "Access Key Remediator alarms", key)
        self.undelivered_queue = self._undelivered()
        self.chat_topic = self._topic("Chat", "Access Key Remediator chat", key) if config.chat else None
        self.incident_bus = EventBus(self, "Incidents", description="Transitions of access key incidents")
        # The alert topic gets one alarm: that the operations topic does not reach a subscription.
        _allow_alarms_to_publish((self.operations_topic, self.alert_topic), key)
        for alerts in config.subscriptions:
            _subscribe(self.alert_topic, alerts, self.undelivered_queue, _filter_policy(alerts))
        for alarms in config.operations_subscriptions:
            _subscribe(self.operations_topic, alarms, self.undelivered_queue)

    def _undelivered(self) -> DeadLetters:
        queue = DeadLetters(self, "Undelivered")
        reason = Acknowledgment(
            id="AwsSolutions-SQS3", reason="It is the dead-letter queue of every configured subscription."
        )
        Validations.of(queue).acknowledge(reason)
        return queue

    def _topic(self, construct_id: str, display_name: str, key: Key) -> sns.Topic:
        return sns.Topic(self, construct_id, display_name=display_name, master_key=key, enforce_ssl=True)


def _allow_alarms_to_publish(topics: Iterable[sns.Topic], key: Key) -> None:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    cloudwatch = ServicePrincipal(
        "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    )
    for topic in topics:
        topic.add_to_resource_policy(
            PolicyStatement(principals=[cloudwatch], actions=["sns:Publish"], resources=[topic.topic_arn])
        )
    key.grant(cloudwatch, *PUBLISHING_KEY_ACTIONS)


def _subscribe(
    topic: sns.Topic,
    subscription: Subscription,
    undelivered: Queue,
    filter_policy: FilterPolicy | None = None,
) -> None:
    """`undelivered` gets the messages that SNS gives up on: at once after a client error such as a queue that
    does not let SNS in, else after its retries (SNS developer guide, dead-letter queues).
    """
    sns.Subscription(
        topic,
        _construct_id(subscription),
        topic=topic,
        protocol=sns.SubscriptionProtocol[subscription.protocol.name],
        endpoint=subscription.endpoint,
        filter_policy=filter_policy,
        dead_letter_queue=undelivered,
    )


def _construct_id(subscription: Subscription) -> str:
    """Independent of the order of the list: a new id is a new subscription, which must be confirmed again."""
    digest = hashlib.sha256(f"{subscription.protocol} {subscription.endpoint}".encode()).hexdigest()
    return f"Subscription{digest[:12]}"


def _filter_policy(subscription: AlertSubscription) -> FilterPolicy | None:
    """The fields of a filter are named like the message attributes of an alert."""
    policy = {
        name: sns.SubscriptionFilter.string_filter(allowlist=[*values])
        for name, values in asdict(subscription.filter).items()
        if values
    }
    return policy or None
