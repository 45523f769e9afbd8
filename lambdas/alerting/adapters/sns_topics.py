"""The SNS topics of alerts: one for people, whose subscriptions filter them, and one for Slack and Teams, to
which Amazon Q Developer subscribes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdas.alerting.domain.alert import Alert
from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients

# SNS API reference, Publish: the subject, the message or an attribute is invalid.
PERMANENT_ERRORS = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"})


class SnsAlertTopic:
    def __init__(self, clients: Clients, topic_arn: str) -> None:
        self._clients = clients
        self._topic_arn = topic_arn

    def publish(self, alert: Alert) -> None:
        with aws_errors("sns:Publish", permanent=PERMANENT_ERRORS):
            self._clients.sns.publish(
                TopicArn=self._topic_arn,
                Subject=alert.subject,
                Message=alert.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in alert.attributes.items()
                },
            )


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
