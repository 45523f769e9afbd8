"""The channels that the remediator sends to: topics for alerts, chat and alarms, and a bus for events."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alerting.deployed_subscriptions import DeployedSubscriptionsParameter
from infra.detection.queues import DeadLetters
from infra.messaging.message_bus import MessageBus
from infra.messaging.message_topic import MessageTopic, cloudwatch

if TYPE_CHECKING:
    from aws_cdk.aws_kms import Key

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
        self._key, self._operator_roles = key, config.operator_role_arns
        self.alert_topic = self._topic("Alerts", "Access Key Remediator")
        self.undelivered_queue = undelivered_queue(self, config)
        self.undelivered_queue.senders.add_resource(self.alert_topic.topic_arn)
        self.deployed_subscriptions = DeployedSubscriptionsParameter(self, "Subscriptions", config=config)
        self.operations_topic = OperationsTopic(
            self, "Operations", config=config, undelivered=self.undelivered_queue, key=key
        )
        self.chat_topic = self._topic("Chat", "Access Key Remediator chat") if config.chat else None
        self.incident_bus = MessageBus(
            self,
            "Incidents",
            description="Transitions of access key incidents",
            operator_roles=config.operator_role_arns,
        )
        # The alert topic gets one alarm: that the operations topic does not reach a subscription.
        self.alert_topic.accept_alarms()
        key.grant(cloudwatch(), *PUBLISHING_KEY_ACTIONS)
        for alerts in config.subscriptions:
            _subscribe(self.alert_topic, alerts, self.undelivered_queue, _filter_policy(alerts))

    def _topic(self, construct_id: str, display_name: str) -> MessageTopic:
        return MessageTopic(
            self,
            construct_id,
            display_name=display_name,
            operator_roles=self._operator_roles,
            key=self._key,
        )


class OperationsTopic(MessageTopic):
    """The topic for alarms about the remediator itself, with its subscriptions.

    An alarm can only notify a topic of its own region, so each region has one. Outside the main region it has
    no key of its own, which would cost as much as ten alarms: the text of an alarm is no secret, and
    CloudWatch cannot publish to a topic that is encrypted with the key of SNS.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        undelivered: DeadLetters,
        key: Key | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            display_name="Access Key Remediator alarms",
            operator_roles=config.operator_role_arns,
            key=key,
        )
        self.accept_alarms()
        undelivered.senders.add_resource(self.topic_arn)
        for subscription in config.operations_subscriptions:
            _subscribe(self, subscription, undelivered)


def undelivered_queue(scope: Construct, config: Config) -> DeadLetters:
    queue = DeadLetters(scope, "Undelivered", operator_roles=config.operator_role_arns)
    reason = Acknowledgment(
        id="AwsSolutions-SQS3", reason="It is the dead-letter queue of every configured subscription."
    )
    Validations.of(queue).acknowledge(reason)
    return queue


def _subscribe(
    topic: MessageTopic,
    subscription: Subscription,
    undelivered: DeadLetters,
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
