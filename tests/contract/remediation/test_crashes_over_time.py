"""The function dies at every call to AWS while it tells what is new of an incident, right before the call and
right after it; then it is tried again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.incidents.test_incidents import sightings
from tests.contract.remediation.test_crashes import Crash, Deployment, how_often_told
from tests.support.builders import POLICY, a_signal, a_switch_off, key_id
from tests.support.fakes import FakeIam

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients

EVIDENCE = ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListAttachedUserPolicies"]
TELLING = ["PutEvents", "Publish to Chat", "Publish to Alerts", "UpdateItem"]
ROUND = ["Query", "Query", "GetItem", "UpdateItem"]
CALLS = {
    "news": ["Query", "UpdateItem", "UpdateItem", "UpdateItem", *EVIDENCE, *TELLING],
    "digest": [*ROUND, *EVIDENCE, *TELLING[1:]],
    "reactivation": ["Query", "UpdateItem", *EVIDENCE, *TELLING],
    "recheck": [*ROUND, *EVIDENCE, *TELLING],
}
DEATHS = [
    (story, call, moment)
    for story, calls in CALLS.items()
    for call in range(len(calls))
    for moment in ("before", "after")
]


def told_of_an_inactive_key(clients: Clients) -> Deployment:
    deployment = Deployment(clients)
    deployment.deliver("worker")
    deployment.tables.now += timedelta(minutes=30)
    return deployment


def news(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = told_of_an_inactive_key(clients)
    return deployment, lambda worker: deployment.deliver(worker, source="203.0.113.99")


def digest(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = told_of_an_inactive_key(clients)
    for _ in range(5):
        deployment.deliver("repeat")
        deployment.tables.now += POLICY.quiet - timedelta(minutes=10)  # it never becomes quiet
    return deployment, deployment.round


def reactivation(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    deployment = told_of_an_inactive_key(clients)
    on = a_switch_off("UpdateAccessKey", deployment.key, deployment.tables.now)
    change = sightings(replace(on, predicted_outage=None, state_change=on.predicted_outage))
    return deployment, lambda worker: deployment.remediator(worker).remediate(change)


def recheck(clients: Clients) -> tuple[Deployment, Callable[[str], object]]:
    """Of a key that IAM did not know at first, as may happen with one that was just made."""
    deployment = Deployment(clients)
    remediator = deployment.remediator("worker")
    ignorant = replace(remediator.gatherer, iam=FakeIam(users={"bob": {key_id(9): "Active"}}))
    replace(remediator, gatherer=ignorant).remediate(sightings(a_signal(deployment.key)))
    deployment.tables.now += POLICY.recheck
    return deployment, deployment.round


STORIES = {"news": news, "digest": digest, "reactivation": reactivation, "recheck": recheck}


def begin(clients: Clients, story: str) -> tuple[Deployment, Callable[[str], object]]:
    """When people have the first alert and the next is due."""
    deployment, act = STORIES[story](clients)
    assert (len(deployment.received("Alerts")), len(deployment.received("Chat"))) == (1, 1)
    deployment.calls.clear()
    return deployment, act


@pytest.mark.parametrize("story", CALLS)
def test_the_calls_are_those_at_which_it_dies(clients: Clients, story: str) -> None:
    deployment, act = begin(clients, story)
    act("worker")
    assert deployment.calls == CALLS[story]


@pytest.mark.parametrize(("story", "call", "moment"), DEATHS)
def test_no_crash_loses_what_is_new_and_one_alone_can_double_it(
    clients: Clients, story: str, call: int, moment: str
) -> None:
    deployment, act = begin(clients, story)
    deployment.die_at = (call, moment)
    with pytest.raises(Crash):
        act("dies")
    deployment.tables.now += timedelta(minutes=6)
    act("successor")
    deployment.round("timer")
    assert len(deployment.received("Alerts")) == how_often_told("Alerts", CALLS[story], call, moment)
    assert len(deployment.received("Chat")) == how_often_told("Chat", CALLS[story], call, moment)
