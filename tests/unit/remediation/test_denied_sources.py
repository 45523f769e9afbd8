"""A source that stays denied silences no incident: its alerts go on with what was known before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.errors import TransientError
from lambdas.remediation.due_incidents import process_due_incidents
from tests.support.builders import a_caller, a_predicted_outage, a_signal, key_id
from tests.support.fakes import FakeIam, FakeLedger, World
from tests.support.health_events import EXPOSED

if TYPE_CHECKING:
    from lambdas.ledger.domain.key_entry import KeyEntry

KEY = key_id()
TRAIL = "LookupEvents"
HOURS = 48
SECOND_LOOKS = 6  # in the five minutes that the timer waits for what it cannot read
DENIED = ("ListAccessKeys", "ListAttachedUserPolicies", TRAIL)
OF_IAM = ("ListAttachedUserPolicies", "ListAccessKeys", "GetAccessKeyLastUsed")
QUARANTINE = a_predicted_outage("AttachUserPolicy")


def deny(world: World, *sources: str) -> None:
    world.iam.denied = set(sources) - {TRAIL}
    world.trail.fails = TRAIL in sources


def a_world(status: str) -> World:
    """Without a status, nothing knows the key."""
    return World(iam=FakeIam(users={"alice": {**({KEY: status} if status else {}), key_id(2): "Active"}}))


def see(world: World, signal, *, may_wait: bool) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    for group in group_by_key([signal]):
        world.remediator.remediate(group, may_wait=may_wait)


def play(world: World, hours: int, calls: range) -> tuple[list[str], int]:
    """The alerts, each with its hour, and how often the timer failed. Each hour of `calls` another caller
    fails.
    """
    alerts: list[str] = []
    failures, start = 0, world.incidents.now
    for minute in range(1, hours * 60 + 1):
        world.incidents.now = start + timedelta(minutes=minute)
        if minute % 60 == 0 and minute // 60 in calls:
            caller = a_caller(source=f"198.51.100.{minute // 60}")
            see(world, a_signal(caller=caller, occurred_at=world.incidents.now), may_wait=False)
        failures += len(process_due_incidents(world.remediator, lambda: 30).failures)
        new = world.topic.alerts[len(alerts) :]
        alerts.extend(f"{minute // 60}h {alert.subject}" for alert in new)
    return alerts, failures


def subjects_of_two_days(who: str, cause: str) -> list[str]:
    """Of a call each hour, each from another caller, of which an incident stores twenty."""
    where = "(sts, eu-central-1)"
    first = f"0h [high] {cause}: {who}, production calls refused {where}"
    new = [f"{hour}h [high] {cause}: {who}, still refused: 1 new caller {where}" for hour in range(1, 20)]
    tenth = f"9h [high] {cause}: {who}, still refused: 1 new caller, 10 calls so far"
    new[8] = f"{tenth} {where}" if who == "alice" else tenth
    digest = f"43h [high] {cause}: {who}, still refused: 44 calls so far {where}"
    closing = f"53h [low] {cause}: {who}, closed: 48 calls refused in 1 day {where}"
    return [first, *new, digest, closing]


CAUSES = {("Inactive", source): "key-inactive" for source in (*DENIED, "")}
CAUSES |= {("", source): "unknown-key" for source in (*DENIED, "")}
CAUSES["Inactive", "ListAccessKeys"] = "unknown-key"  # IAM says only whose key it is


@pytest.mark.parametrize(("status", "source"), CAUSES)
def test_a_source_that_is_denied_all_the_time_takes_away_none_of_the_alerts_of_two_days(
    status: str, source: str
) -> None:
    world = a_world(status)
    deny(world, source)
    see(world, a_signal(), may_wait=False)
    alerts, failures = play(world, HOURS + 12, range(1, HOURS))
    assert alerts == subjects_of_two_days("alice" if status else KEY, CAUSES[status, source])
    assert failures <= SECOND_LOOKS


@pytest.mark.parametrize("source", DENIED)
@pytest.mark.parametrize("status", ["Inactive", ""])
def test_a_source_that_is_denied_after_the_first_alert_replaces_nothing_and_silences_nothing(
    status: str, source: str
) -> None:
    world = a_world(status)
    see(world, a_signal(), may_wait=False)
    deny(world, source)
    alerts, _ = play(world, HOURS + 12, range(1, HOURS))
    cause = "key-inactive" if status else "unknown-key"
    assert alerts == subjects_of_two_days("alice" if status else KEY, cause)


def test_what_could_not_be_read_is_said_and_reported_and_nothing_is_said_that_it_would_show() -> None:
    world = a_world("Inactive")
    see(world, a_signal(), may_wait=False)
    deny(world, "ListAccessKeys")
    play(world, 12, range(1, 2))
    _, update, closing = (alert.body for alert in world.topic.alerts)
    for body in (update, closing):
        assert "Could not be read: whether IAM lists the key" in body
        assert "key-inactive (certain)" in body
    assert "WHAT TO RUN" not in update  # the old commands may be wrong
    assert "no longer exists" not in closing
    assert "iam:ListAccessKeys: AccessDenied" in {str(error) for error in world.unreported}


def test_the_first_failure_after_a_prediction_is_alerted_at_the_third_delivery() -> None:
    world = a_world("Inactive")
    see(world, a_predicted_outage(), may_wait=True)
    deny(world, "ListAttachedUserPolicies")
    world.incidents.now += timedelta(minutes=3)
    failure = a_signal(occurred_at=world.incidents.now)
    with pytest.raises(TransientError):
        see(world, failure, may_wait=True)
    see(world, failure, may_wait=False)
    assert [alert.attributes["cause"] for alert in world.topic.alerts] == [
        "deactivated-in-use",
        "key-inactive",
    ]


@pytest.mark.parametrize("source", ["ListAccessKeys", "ListAttachedUserPolicies"])
def test_a_reactivation_is_alerted_though_a_source_is_denied(source: str) -> None:
    world = a_world("Inactive")
    see(world, a_signal(), may_wait=False)
    deny(world, source)
    world.incidents.now += timedelta(minutes=3)
    change = a_predicted_outage(at=world.incidents.now)
    on = replace(change, predicted_outage=None, state_change=change.predicted_outage)
    see(world, on, may_wait=True)
    assert "key reactivated" in world.topic.alerts[-1].subject
    assert "IAM does not list the key" not in world.topic.alerts[-1].body


def test_a_recheck_that_finds_more_than_an_unknown_key_is_alerted_though_another_source_is_denied() -> None:
    world = a_world("Inactive")
    deny(world, *DENIED)
    see(world, a_signal(), may_wait=False)
    deny(world, "ListAttachedUserPolicies")
    play(world, 1, range(0))
    assert [alert.attributes["cause"] for alert in world.topic.alerts] == ["unknown-key", "key-inactive"]


def causes(world: World) -> list[tuple[str, str]]:
    return [(alert.attributes["cause"], alert.attributes["severity"]) for alert in world.topic.alerts]


def bodies(world: World) -> list[str]:
    return [alert.body for alert in world.topic.alerts]


@pytest.mark.parametrize("source", [*OF_IAM, TRAIL])
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_a_quarantine_is_alerted_at_the_third_delivery_whichever_source_is_denied(
    status: str, source: str
) -> None:
    world = a_world(status)
    world.iam.policies = {"alice": "AWSCompromisedKeyQuarantineV3"}
    deny(world, source)
    see(world, QUARANTINE, may_wait=False)
    assert causes(world) == [("quarantined-key", "critical")]
    assert "IAM no longer lists it" not in bodies(world)[0]


def test_a_quarantine_that_cannot_be_compared_with_iam_rests_on_the_record_of_aws() -> None:
    world = a_world("Active")
    deny(world, "ListAttachedUserPolicies")
    with pytest.raises(TransientError):
        see(world, QUARANTINE, may_wait=True)
    see(world, QUARANTINE, may_wait=False)
    assert causes(world) == [("quarantined-key", "critical")]
    assert "quarantined-key (likely)" in bodies(world)[0]
    assert "says that its quarantine policy was attached to alice" in bodies(world)[0]
    assert "AWS attached" not in bodies(world)[0]


def test_a_recorded_quarantine_of_which_iam_then_shows_no_policy_is_corrected_once() -> None:
    world = a_world("Active")
    deny(world, "ListAttachedUserPolicies")
    see(world, QUARANTINE, may_wait=False)
    deny(world)
    play(world, 1, range(0))
    see(world, QUARANTINE, may_wait=False)
    assert causes(world) == [("quarantined-key", "critical"), ("not-a-key-failure", "low")]


@pytest.mark.parametrize("source", ["ListAccessKeys", "GetAccessKeyLastUsed", TRAIL])
def test_a_quarantine_of_which_iam_shows_no_policy_is_not_believed_whatever_else_is_denied(
    source: str,
) -> None:
    world = a_world("Active")
    deny(world, source)
    see(world, QUARANTINE, may_wait=False)
    assert causes(world) == []


def test_the_timer_alerts_a_quarantine_that_a_crashed_worker_did_not() -> None:
    world = a_world("Active")
    deny(world, "ListAttachedUserPolicies")
    with pytest.raises(TransientError):
        see(world, QUARANTINE, may_wait=True)
    alerts, _ = play(world, 1, range(0))
    assert len(alerts) == 1


@pytest.mark.parametrize("source", [*OF_IAM, TRAIL])
def test_a_deactivation_is_alerted_at_the_third_delivery_whichever_source_is_denied(source: str) -> None:
    world = a_world("Inactive")
    deny(world, source)
    see(world, a_predicted_outage(), may_wait=False)
    assert causes(world) == [("deactivated-in-use", "high")]
    assert "deactivated-in-use (likely)" in bodies(world)[0]
    assert source != "GetAccessKeyLastUsed" or "no record of its last use" not in bodies(world)[0]


def test_keys_that_could_not_be_listed_are_not_said_to_be_missing() -> None:
    world = a_world("Inactive")
    deny(world, "ListAccessKeys")
    see(world, a_predicted_outage(), may_wait=False)
    assert "other keys: none" not in bodies(world)[0]
    assert "No other key has replaced it" not in bodies(world)[0]


@pytest.mark.parametrize("source", ["GetAccessKeyLastUsed", TRAIL])
def test_a_deletion_that_nothing_that_can_be_read_shows_is_alerted_by_its_record(source: str) -> None:
    world = a_world("")
    deny(world, source)
    deletion = a_predicted_outage("DeleteAccessKey")
    with pytest.raises(TransientError):
        see(world, deletion, may_wait=True)
    see(world, deletion, may_wait=False)
    assert causes(world) == [("deleted-in-use", "high")]
    assert "deleted-in-use (likely)" in bodies(world)[0]


class UnreadableLedger(FakeLedger):
    def key(self, access_key_id: str) -> KeyEntry | None:
        raise TransientError(f"dynamodb:GetItem {access_key_id}: no answer")


def test_an_exposure_is_alerted_though_the_ledger_cannot_be_read() -> None:
    world = a_world("Active")
    world.ledger = UnreadableLedger()
    see(world, a_predicted_outage(EXPOSED), may_wait=False)
    assert causes(world) == [("quarantined-key", "critical")]
    assert "AWS Health reported the key as exposed at" in bodies(world)[0]
