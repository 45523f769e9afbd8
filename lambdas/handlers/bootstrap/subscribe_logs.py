"""The `subscribe_logs` function."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.aws.adapters.clients import Clients
from lambdas.detection.adapters.cloudformation_answer import put_answer
from lambdas.detection.adapters.log_subscriptions import CloudWatchLogSubscriptions
from lambdas.detection.subscriber import Subscriber
from lambdas.detection.subscription_request import answer, respond
from lambdas.handlers.bootstrap.function_settings import SubscribeLogsSettings
from lambdas.observability import UNREAD_LOG_GROUPS, count, logger
from lambdas.text import printable


@dataclass(kw_only=True, eq=False, repr=False)
class SubscribeLogsFunction:
    subscriber: Subscriber
    log_groups: tuple[str, ...]
    ca_bundle: str

    def subscribe_all(self) -> None:
        report_unread_log_groups(self.subscriber.subscribe(self.log_groups))

    def answer_cloudformation(self, event: Mapping[str, Any]) -> None:
        """Without an answer, the deployment would wait until it times out."""
        try:
            response = respond(self.subscriber, event, report_unread_log_groups)
        except Exception as error:
            put_answer(event["ResponseURL"], answer(event, type(error).__name__), ca_bundle=self.ca_bundle)
            raise
        put_answer(event["ResponseURL"], response, ca_bundle=self.ca_bundle)


@cache
def subscribe_logs_function() -> SubscribeLogsFunction:
    settings = SubscribeLogsSettings.from_env(os.environ)
    subscriptions = CloudWatchLogSubscriptions(
        Clients(), filter_name=settings.log_filter_name, function_arn=settings.read_logs_function_arn
    )
    return SubscribeLogsFunction(
        subscriber=Subscriber(subscriptions=subscriptions),
        log_groups=settings.log_groups,
        ca_bundle=os.environ.get("AWS_CA_BUNDLE", ""),
    )


def report_unread_log_groups(reasons: Mapping[str, str]) -> None:
    for log_group, reason in reasons.items():
        logger.error("a configured log group is not read", log_group=printable(log_group), reason=reason)
    count(UNREAD_LOG_GROUPS, len(reasons))
