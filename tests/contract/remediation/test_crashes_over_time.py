"""The function crashes right before and right after every call to AWS while it reports an open incident; then
it is retried.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.incidents.test_incidents import a_group
from tests.contract.remediation.test_crashes import Crash, Deployment, expected_deliveries
from tests.support.builders import POLICY, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeIam

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients

EVIDENCE = ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListAttachedUserPolicies"]
REPORTING = ["PutEvents", "Publish to Chat", "Publish to Alerts", "UpdateItem"]
TIMER_RUN = ["Query", "Query", "GetItem", "UpdateItem"]
CALLS = {
    "update": ["Query", "UpdateItem", "UpdateItem", "UpdateItem", *EVIDENCE, *REPORTING],
    "digest": [*TIMER_RUN, *EVIDENCE, *REPORTING[1:]],
    "reactivation": ["Query", "UpdateItem", *EVIDENCE, *REPORTING],
    "recheck": [*TIMER_RUN, *EVIDENCE, *REPORTING],
}
CRASHES = [
    (scenario, call, moment)
    for scenario, calls in CALLS.items()
    for call in range(len(calls))
    for moment in ("before", "after")
]


def an_alerted_inactive_key(clients: Clients) -> Deployment:
    deployment = Deployment(clients)
    deployment.deliver("worker")
    deployment.tables.now += timedelta(minutes=30)
    return deployment


def an_update(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = an_alerted_inactive_key(clients)
    return deployment, lambda worker: deployment.deliver(worker, source="203.0.113.99")


def digest(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = an_alerted_inactive_key(clients)
    for _ in range(5):
        deployment.deliver("repeat")
        deployment.tables.now += POLICY.quiet - timedelta(minutes=10)  # it never becomes quiet
    return deployment, deployment.run_timer


def reactivation(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = an_alerted_inactive_key(clients)
    on = a_predicted_outage("UpdateAccessKey", deployment.key, deployment.tables.now)
    change = a_group(replace(on, predicted_outage=None, state_change=on.predicted_outage))
    return deployment, lambda worker: deployment.remediator(worker).remediate(change)


def recheck(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    """Of a key that IAM did not know at first, as may happen with a new one."""
    deployment = Deployment(clients)
    remediator = deployment.remediator("worker")
    iam = FakeIam(users={"bob": {key_id(9): "Active"}})
    ignorant = replace(remediator.gatherer, iam=iam, probe_key=iam)
    replace(remediator, gatherer=ignorant).remediate(a_group(a_signal(deployment.key)))
    deployment.tables.now += POLICY.recheck
    return deployment, deployment.run_timer


SCENARIOS = {"update": an_update, "digest": digest, "reactivation": reactivation, "recheck": recheck}


def begin(clients: Clients, scenario: str) -> tuple[Deployment, Callable[[str], object]]:
    """After the first alert, when the next one is due."""
    deployment, act = SCENARIOS[scenario](clients)
    assert (len(deployment.received("Alerts")), len(deployment.received("Chat"))) == (1, 1)
    deployment.calls.clear()
    return deployment, act


@pytest.mark.parametrize("scenario", CALLS)
def test_the_list_of_calls_is_complete(clients: Clients, scenario: str) -> None:
    deployment, act = begin(clients, scenario)
    act("worker")
    assert deployment.calls == CALLS[scenario]


@pytest.mark.parametrize(("scenario", "call", "moment"), CRASHES)
def test_no_crash_loses_the_report_and_only_one_can_repeat_it(
    clients: Clients, scenario: str, call: int, moment: str
) -> None:
    deployment, act = begin(clients, scenario)
    deployment.crash_at = (call, moment)
    with pytest.raises(Crash):
        act("crashes")
    deployment.tables.now += timedelta(minutes=6)
    act("successor")
    deployment.run_timer("timer")
    assert len(deployment.received("Alerts")) == expected_deliveries("Alerts", CALLS[scenario], call, moment)
    assert len(deployment.received("Chat")) == expected_deliveries("Chat", CALLS[scenario], call, moment)
