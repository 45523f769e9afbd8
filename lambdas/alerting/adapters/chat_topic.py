"""Publishes alerts for Slack and Teams to a topic that Amazon Q Developer subscribes to."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdas.alerting.adapters.alert_topic import PERMANENT_ERRORS
from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients


class NoChatTopic:
    """For a deployment without chat."""

    def publish(self, message: Mapping[str, object]) -> None:
        """Does nothing."""


class SnsChatTopic:
    def __init__(self, clients: Clients, topic_arn: str) -> None:
        self._clients = clients
        self._topic_arn = topic_arn

    def publish(self, message: Mapping[str, object]) -> None:
        with aws_errors("sns:Publish", permanent=PERMANENT_ERRORS):
            self._clients.sns.publish(TopicArn=self._topic_arn, Message=json.dumps(message))
