"""A caller that is not exempt fails while another worker evaluates an exempt caller of the same key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.incidents.domain.reevaluation import REEVALUATED_AFTER
from tests.contract.remediation.test_crashes import CALLS, Deployment
from tests.support.builders import an_exemption

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

OPENED = CALLS.index("TransactWriteItems")
EVALUATION = range(OPENED + 1, CALLS.index("Publish to Chat"))
OFFICE, OUTSIDE = "network:203.0.113.0/24", "198.51.100.1"


class Interrupted(Deployment):
    """After so many calls of one worker, another worker receives the message of the outside caller."""

    interrupted_at = -1

    def interrupt_at(self, call: int) -> None:
        self.calls.clear()
        self.interrupted_at = call

    def _crash_if(self, moment: str) -> None:
        if (self.interrupted_at, "before") == (len(self.calls) - 1, moment):
            self.interrupted_at = -1
            self.deliver("another", OUTSIDE)


def an_exempt_office(clients: Clients) -> Interrupted:
    deployment = Interrupted(clients)
    deployment.exemptions.write(an_exemption(OFFICE))
    return deployment


def assert_alerted_by_the_timer(deployment: Deployment) -> None:
    deployment.tables.now += REEVALUATED_AFTER + timedelta(seconds=1)
    deployment.run_timer("timer")
    assert len(deployment.subjects()) == 1
    deployment.deliver("repeat", OUTSIDE)
    assert deployment.subjects() == []


@pytest.mark.parametrize("call", EVALUATION, ids=lambda call: f"{call}-{CALLS[call]}")
def test_a_failure_during_the_first_evaluation_of_an_exempt_caller_is_alerted_within_two_minutes(
    clients: Clients, call: int
) -> None:
    deployment = an_exempt_office(clients)
    deployment.interrupt_at(call)
    deployment.deliver("worker")
    assert deployment.subjects() == []
    assert_alerted_by_the_timer(deployment)


@pytest.mark.parametrize("call", range(5))
def test_a_failure_during_a_later_evaluation_of_an_exempt_caller_is_alerted_once(
    clients: Clients, call: int
) -> None:
    deployment = an_exempt_office(clients)
    deployment.deliver("first")
    deployment.tables.now += REEVALUATED_AFTER
    deployment.interrupt_at(call)
    deployment.deliver("worker")
    alerted_immediately = len(deployment.subjects())
    deployment.tables.now += REEVALUATED_AFTER + timedelta(seconds=1)
    deployment.run_timer("timer")
    assert alerted_immediately + len(deployment.subjects()) == 1


def test_a_failure_right_after_the_evaluation_of_an_exempt_caller_is_alerted_immediately(
    clients: Clients,
) -> None:
    deployment = an_exempt_office(clients)
    deployment.deliver("worker")
    assert deployment.subjects() == []
    deployment.deliver("another", OUTSIDE)
    assert len(deployment.subjects()) == 1
