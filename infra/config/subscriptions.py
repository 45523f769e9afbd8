"""Who is told, as a deployer writes it in the configuration."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from infra.config.fields import ConfigError, Fields, account_id, choice, must_be, text
from lambdas.diagnosis.domain.cause import Cause, Severity

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MOST_FILTER_COMBINATIONS = 150


class Protocol(StrEnum):
    """How SNS delivers. Its plain `http` is left out: alerts name people, keys and weaknesses."""

    EMAIL = "email"
    EMAIL_JSON = "email-json"
    SMS = "sms"
    SQS = "sqs"
    LAMBDA = "lambda"
    HTTPS = "https"


ENDPOINTS = {
    Protocol.EMAIL: (r"[^@\s]+@[^@\s]+", "an e-mail address"),
    Protocol.EMAIL_JSON: (r"[^@\s]+@[^@\s]+", "an e-mail address"),
    Protocol.SMS: (r"\+[1-9][0-9]{6,14}", "a phone number such as +491701234567"),
    Protocol.SQS: (r"arn:[^:\s]+:sqs:[^:\s]+:[0-9]{12}:[^:\s]+", "the ARN of a queue"),
    Protocol.LAMBDA: (r"arn:[^:\s]+:lambda:[^:\s]+:[0-9]{12}:function:\S+", "the ARN of a function"),
    Protocol.HTTPS: (r"https://\S+", "a URL that begins with https://"),
}


@dataclass(frozen=True, kw_only=True)
class Subscription:
    protocol: Protocol
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """An alert passes if it has one of the values of every field that lists any."""

    owner: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    severity: tuple[Severity, ...] = ()
    cause: tuple[Cause, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlertSubscription(Subscription):
    filter: Filter = Filter()


def read_subscription(value: object, path: str) -> Subscription:
    fields = Fields.of(value, path, of_type=Subscription)
    return Subscription(protocol=fields.choice("protocol", Protocol), endpoint=_endpoint(fields))


def read_alert_subscription(value: object, path: str) -> AlertSubscription:
    fields = Fields.of(value, path, of_type=AlertSubscription)
    return AlertSubscription(
        protocol=fields.choice("protocol", Protocol),
        endpoint=_endpoint(fields),
        filter=_filter(fields.value("filter", default={}), fields.path_of("filter")),
    )


def refuse_repetition(subscriptions: tuple[Subscription, ...], path: str) -> None:
    """SNS has one subscription for an endpoint of a topic, so a second one would fail to deploy."""
    seen: dict[tuple[Protocol, str], int] = {}
    for index, subscription in enumerate(subscriptions):
        first = seen.setdefault((subscription.protocol, subscription.endpoint), index)
        if first != index:
            raise ConfigError(f"{path}[{index}]: has the protocol and endpoint of {path}[{first}]")


def _endpoint(fields: Fields) -> str:
    pattern, expected = ENDPOINTS[fields.choice("protocol", Protocol)]
    endpoint = fields.text("endpoint")
    if not re.fullmatch(pattern, endpoint):
        raise must_be(expected, endpoint, fields.path_of("endpoint"))
    return endpoint


def _filter(value: object, path: str) -> Filter:
    fields = Fields.of(value, path, of_type=Filter)
    for name in fields.values:
        if fields.values[name] == []:
            raise must_be("a list of one value or more, or left out", [], fields.path_of(name))
    filter_ = Filter(
        owner=fields.each("owner", text),
        account=fields.each("account", account_id),
        severity=fields.each("severity", lambda item, item_path: choice(item, item_path, Severity)),
        cause=fields.each("cause", lambda item, item_path: choice(item, item_path, Cause)),
    )
    combinations = math.prod(len(values) or 1 for values in asdict(filter_).values())
    if combinations > MOST_FILTER_COMBINATIONS:
        raise ConfigError(
            f"{path}: has {combinations} combinations of values; SNS allows {MOST_FILTER_COMBINATIONS}"
        )
    return filter_
