"""Publishes alerts for Slack and Teams to a topic that Amazon Q Developer subscribes to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lambdas.alerting.adapters.alert_topic import PERMANENT_ERRORS
from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class NoChatTopic:
    """For a deployment without chat."""

    def publish(self, message: Mapping[str, object]) -> None:
        """Does nothing."""


class SnsChatTopic:
    def __init__(self, client: Callable[[], SNSClient], topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, message: Mapping[str, object]) -> None:
        with aws_errors("sns:Publish", permanent=PERMANENT_ERRORS):
            self._client().publish(TopicArn=self._topic_arn, Message=json.dumps(message))
