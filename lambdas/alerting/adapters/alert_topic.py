"""Alerts go to the alert topic; who is subscribed, and to which of them, is the topic's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sns import SNSClient

    from lambdas.alerting.domain.alert import Alert


# SNS API reference, Publish: the subject, the message or an attribute is not as it must be.
NEVER_RIGHT = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"})


class SnsAlertTopic:
    def __init__(self, client: Callable[[], SNSClient], topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, alert: Alert) -> None:
        with aws_errors("sns:Publish", permanent=NEVER_RIGHT):
            self._client().publish(
                TopicArn=self._topic_arn,
                Subject=alert.subject,
                Message=alert.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in alert.attributes.items()
                },
            )
