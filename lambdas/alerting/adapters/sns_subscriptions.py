"""The subscriptions of a topic, as SNS lists them."""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.alerting.domain.subscriptions import ListedSubscription, PeopleTopic
from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients


class SnsSubscriptions:
    def __init__(self, clients: Clients, topic_arns: Mapping[PeopleTopic, str]) -> None:
        self._clients = clients
        self._topic_arns = topic_arns

    def listed(self, topic: PeopleTopic) -> list[ListedSubscription]:
        with aws_errors("sns:ListSubscriptionsByTopic"):
            pages = self._clients.sns.get_paginator("list_subscriptions_by_topic").paginate(
                TopicArn=self._topic_arns[topic]
            )
            return [
                ListedSubscription(
                    protocol=each["Protocol"],
                    endpoint=each["Endpoint"],
                    # Instead of an ARN: `PendingConfirmation` or `Deleted`.
                    confirmed=each["SubscriptionArn"].startswith("arn:"),
                )
                for page in pages
                for each in page["Subscriptions"]
            ]
