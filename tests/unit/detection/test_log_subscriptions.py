from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from lambdas.detection.subscriber import Subscriber
from lambdas.detection.subscription_request import respond
from lambdas.errors import PermanentError, TransientError

REQUEST = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Subscriptions"}


@dataclass
class FakeSubscriptions:
    failing: dict[str, Exception] = field(default_factory=dict)
    filters: set[str] = field(default_factory=set)

    def put(self, log_group: str) -> None:
        self._fail(log_group)
        self.filters.add(log_group)

    def remove(self, log_group: str) -> None:
        self._fail(log_group)
        self.filters.discard(log_group)

    def _fail(self, log_group: str) -> None:
        if log_group in self.failing:
            raise self.failing[log_group]


def a_request(kind: str, now: list[str], before: list[str] | None = None) -> dict[str, Any]:
    old = {} if before is None else {"OldResourceProperties": {"LogGroups": before}}
    return REQUEST | {"RequestType": kind, "ResourceProperties": {"LogGroups": now}} | old


def answered(
    subscriptions: FakeSubscriptions, request: dict[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """The answer, and the log groups that are not read, with the reasons."""
    reported: dict[str, str] = {}
    answer = respond(Subscriber(subscriptions=subscriptions), request, reported.update)
    return answer, reported


def test_a_deployment_subscribes_to_every_log_group() -> None:
    subscriptions = FakeSubscriptions()
    answer, unread = answered(subscriptions, a_request("Create", ["orders", "web"]))
    assert subscriptions.filters == {"orders", "web"}
    assert not unread
    assert answer == REQUEST | {"Status": "SUCCESS", "Reason": "", "PhysicalResourceId": "log-subscriptions"}


@pytest.mark.parametrize("error", [PermanentError("it does not exist"), TransientError("logs: Throttling")])
def test_a_log_group_that_cannot_be_read_is_reported_and_fails_no_deployment(error: Exception) -> None:
    subscriptions = FakeSubscriptions(failing={"orders": error})
    answer, unread = answered(subscriptions, a_request("Create", ["orders", "web"]))
    assert (answer["Status"], subscriptions.filters) == ("SUCCESS", {"web"})
    assert unread == {"orders": str(error)}


def test_a_log_group_that_was_taken_out_loses_the_filter() -> None:
    subscriptions = FakeSubscriptions(filters={"orders", "web"})
    answer, _ = answered(subscriptions, a_request("Update", ["web", "new"], before=["orders", "web"]))
    assert (answer["Status"], subscriptions.filters) == ("SUCCESS", {"web", "new"})


def test_a_removed_stack_leaves_no_filter() -> None:
    subscriptions = FakeSubscriptions(filters={"orders", "web"})
    request = a_request("Delete", ["orders", "web"]) | {"PhysicalResourceId": "log-subscriptions"}
    answer, unread = answered(subscriptions, request)
    assert (answer["Status"], subscriptions.filters, unread) == ("SUCCESS", set(), {})


def test_a_filter_that_cannot_be_removed_fails_the_deletion_and_is_named() -> None:
    subscriptions = FakeSubscriptions(failing={"web": TransientError("logs: AccessDenied")}, filters={"web"})
    answer, _ = answered(subscriptions, a_request("Delete", ["orders", "web"]))
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "web: logs: AccessDenied")
