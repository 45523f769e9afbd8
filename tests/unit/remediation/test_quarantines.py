"""AWS quarantines the user of a key that works: the record of it says only where to look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.remediation.incident_reporter import RECHECKED_SOON
from tests.support.builders import NOON, POLICY, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeIam, World
from tests.support.health_events import EXPOSED

KEY = key_id()
QUARANTINE = a_predicted_outage("AttachUserPolicy", KEY)
SHOWN = {"alice": "AWSCompromisedKeyQuarantineV3"}
LOOK_ALIKE = a_signal(KEY, error_message="?")
EXPIRED = a_signal(KEY, error_code="ExpiredToken")


def a_world(status: str = "Active", *, shown: bool = True) -> World:
    iam = FakeIam(users={"alice": {KEY: status}}, policies=SHOWN if shown else {})
    return World(iam=iam)


def see(world: World, *signals) -> None:  # type: ignore[no-untyped-def] # noqa: ANN002
    for group in group_by_key(signals):
        world.remediator.remediate(group)


def alerts(world: World) -> list[tuple[str, str]]:
    return [(alert.attributes["cause"], alert.attributes["severity"]) for alert in world.topic.alerts]


@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_a_quarantine_is_alerted_at_once_as_critical_before_any_call_failed(status: str) -> None:
    world = a_world(status)
    see(world, QUARANTINE)
    see(world, QUARANTINE)
    assert alerts(world) == [("quarantined-key", "critical")]
    body = world.topic.alerts[0].body
    containment = "--status Inactive"
    is_first = containment in body and body.index(containment) < body.index("lookup-events")
    assert is_first == (status == "Active"), "an inactive key needs no containment"
    assert "lookup-events" in body
    assert "No call is known to have failed yet." in body


def test_a_quarantine_of_which_iam_shows_no_policy_is_not_believed() -> None:
    world = a_world(shown=False)
    see(world, QUARANTINE)
    assert alerts(world) == []
    assert [event["cause"] for event in world.bus.events] == ["not-a-key-failure"]


def test_a_policy_that_iam_shows_late_is_alerted_by_the_timer() -> None:
    world = a_world(shown=False)
    see(world, QUARANTINE)
    world.iam.policies = dict(SHOWN)
    world.incidents.now += RECHECKED_SOON
    process_due_incidents(world.remediator, lambda: 30)
    assert alerts(world) == [("quarantined-key", "critical")]


@pytest.mark.parametrize("failure", [a_signal(KEY), LOOK_ALIKE, EXPIRED])
def test_later_failures_of_the_key_join_the_incident_without_another_alert(failure) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    world = a_world()
    see(world, QUARANTINE)
    see(world, failure)
    assert alerts(world) == [("quarantined-key", "critical")]
    assert world.incidents.open[KEY].count == 1


@pytest.mark.parametrize("failure", [a_signal(KEY), LOOK_ALIKE, EXPIRED])
def test_no_failure_of_the_same_batch_hides_a_quarantine(failure) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    world = a_world()
    see(world, failure, QUARANTINE)
    assert alerts(world) == [("quarantined-key", "critical")]


@pytest.mark.parametrize("failure", [a_signal(KEY), a_signal(KEY, error_code="SignatureDoesNotMatch")])
def test_a_quarantine_after_failures_changes_the_cause_of_their_incident(failure) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    world = a_world(shown=False)
    see(world, failure)
    world.iam.policies = dict(SHOWN)
    see(world, QUARANTINE)
    assert alerts(world) == [("active-key-rejected", "medium"), ("quarantined-key", "critical")]
    assert len({event["incidentId"] for event in world.bus.events}) == 1


def test_a_quarantine_is_no_failure_of_a_key_that_has_been_reactivated() -> None:
    """The policy is at the user, so that the key's being active excuses nothing."""
    world = a_world()
    see(world, a_predicted_outage("UpdateAccessKey", KEY))
    see(world, QUARANTINE)
    assert alerts(world) == [("quarantined-key", "critical")]


def test_the_closing_says_that_a_leaked_key_is_still_active() -> None:
    world = a_world()
    see(world, QUARANTINE)
    world.incidents.now += POLICY.quiet + POLICY.prediction_window + timedelta(minutes=1)
    process_due_incidents(world.remediator, lambda: 30)
    assert "The key is still active: a thief can use it" in world.topic.alerts[-1].body


def an_exposed_world(status: str = "Active") -> World:
    world = a_world(status, shown=False)
    world.ledger.merge_key(
        KeyEntry(access_key_id=KEY, owner_name=Observed(value="alice", at=NOON), exposed_at=NOON)
    )
    return world


@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_an_exposure_is_alerted_at_once_and_failures_join_its_incident(status: str) -> None:
    world = an_exposed_world(status)
    see(world, a_predicted_outage(EXPOSED, KEY))
    see(world, a_signal(KEY))
    assert alerts(world) == [("quarantined-key", "critical")]
    assert "AWS Health reported the key as exposed at" in world.topic.alerts[0].body


def test_an_exposure_of_a_key_that_is_not_of_this_account_is_not_believed() -> None:
    world = a_world()
    see(world, a_predicted_outage(EXPOSED, key_id(9)))
    assert alerts(world) == []


def test_a_key_that_was_exposed_once_is_leaked_in_every_later_incident() -> None:
    world = an_exposed_world("Inactive")
    see(world, a_signal(KEY))
    assert alerts(world) == [("quarantined-key", "critical")]


def test_the_deactivation_of_an_exposed_key_offers_no_reactivation() -> None:
    world = an_exposed_world("Inactive")
    see(world, a_predicted_outage("UpdateAccessKey", KEY))
    assert alerts(world) == [("deactivated-in-use", "critical")]
    body = world.topic.alerts[0].body
    assert "Do not reactivate or replace it." in body
    assert "--status Active" not in body
