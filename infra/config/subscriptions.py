"""Configuration of the subscriptions to alerts and alarms."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from infra.config.fields import AccountId, Check, ConfigError, Text, must_be
from lambdas.alerting.domain.subscriptions import PeopleTopic, digest_of, masked
from lambdas.diagnosis.domain.cause import Cause, Severity

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MAX_FILTER_COMBINATIONS = 150


class Protocol(StrEnum):
    """The protocols of SNS, except `sms`, and plain `http`, because alerts name people and weaknesses."""

    EMAIL = "email"
    EMAIL_JSON = "email-json"
    SQS = "sqs"
    LAMBDA = "lambda"
    HTTPS = "https"


ENDPOINTS = {
    Protocol.EMAIL: (r"[^@\s]+@[^@\s]+", "an e-mail address"),
    Protocol.EMAIL_JSON: (r"[^@\s]+@[^@\s]+", "an e-mail address"),
    Protocol.SQS: (r"arn:[^:\s]+:sqs:[^:\s]+:[0-9]{12}:[^:\s]+", "the ARN of a queue"),
    Protocol.LAMBDA: (r"arn:[^:\s]+:lambda:[^:\s]+:[0-9]{12}:function:\S+", "the ARN of a function"),
    Protocol.HTTPS: (r"https://\S+", "a URL that begins with https://"),
}
NO_TEXT_MESSAGE = Check(
    lambda value: value != "sms",
    "another protocol than sms: an alert does not fit into a text message, and SNS drops what exceeds its "
    "monthly limit (docs/decisions/0020-no-text-messages.md); a paging service takes https",
)
Value = TypeVar("Value")
Values = Annotated[
    tuple[Value, ...], Check(lambda value: value != [], "a list of one value or more, or left out")
]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    protocol: Annotated[Protocol, NO_TEXT_MESSAGE]
    endpoint: Text

    def __post_init__(self) -> None:
        pattern, expected = ENDPOINTS[self.protocol]
        if not re.fullmatch(pattern, self.endpoint):
            raise must_be(expected, self.endpoint, path=".endpoint")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """An alert passes if, for every field with values, it has one of them."""

    owner: Values[Text] = ()
    account: Values[AccountId] = ()
    severity: Values[Severity] = ()
    cause: Values[Cause] = ()

    def __post_init__(self) -> None:
        combinations = math.prod(len(values) or 1 for values in vars(self).values())
        if combinations > MAX_FILTER_COMBINATIONS:
            problem = f"has {combinations} combinations of values; SNS allows {MAX_FILTER_COMBINATIONS}"
            raise ConfigError(problem, path="")


@dataclass(frozen=True, kw_only=True)
class AlertSubscription(Subscription):
    filter: Filter = Filter()


def described(alerts: Iterable[Subscription], operations: Iterable[Subscription]) -> str:
    """The text by which the subscriptions are checked, without personal addresses and keys in URLs."""
    by_topic = {PeopleTopic.ALERTS: alerts, PeopleTopic.OPERATIONS: operations}
    return json.dumps(
        {
            topic: {digest_of(it.protocol, it.endpoint): masked(it.protocol, it.endpoint) for it in each}
            for topic, each in by_topic.items()
        },
        sort_keys=True,
    )
