"""Alerts for Slack and Teams go to a topic of their own, which Amazon Q Developer subscribes to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lambdas.alerting.adapters.alert_topic import NEVER_RIGHT
from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_sns import SNSClient


class NoChatTopic:
    """Where the deployer wants none."""

    def publish(self, message: Mapping[str, object]) -> None:
        """Nobody reads it."""


class SnsChatTopic:
    def __init__(self, client: Callable[[], SNSClient], topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, message: Mapping[str, object]) -> None:
        with aws_errors("sns:Publish", permanent=NEVER_RIGHT):
            self._client().publish(TopicArn=self._topic_arn, Message=json.dumps(message))
