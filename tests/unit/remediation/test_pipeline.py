from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.errors import BusyError, PermanentError, TransientError
from lambdas.incidents.domain.incident import RotationEnd
from lambdas.incidents.domain.outbox import LIMIT, Channel
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import (
    LAST_USE,
    NOON,
    POLICY,
    REFUSED,
    a_caller,
    a_change,
    a_predicted_outage,
    a_record,
    a_signal,
    an_event,
    key_id,
    signal_in,
)
from tests.support.fakes import FakeIam, World

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import KeyChange
    from lambdas.detection.domain.signal import Signal
    from lambdas.remediation.due_incidents import TimerRun

KEY = key_id()
LOOK_ALIKE = a_signal(error_message="No account found for the given parameters")


def a_world(status: str = "Inactive") -> World:
    return World(iam=FakeIam(users={"alice": {KEY: status, key_id(2): "Active"}}))


def see(world: World, *signals) -> None:  # type: ignore[no-untyped-def] # noqa: ANN002
    for group in group_by_key(signals or [a_signal()]):
        world.remediator.remediate(group)


def test_the_first_failure_sends_one_alert_and_one_event() -> None:
    world = a_world()
    see(world)
    assert [alert.attributes["cause"] for alert in world.topic.alerts] == ["key-inactive"]
    assert [event["transition"] for event in world.bus.events] == ["opened"]


def test_repeats_only_count() -> None:
    world = a_world()
    for _ in range(4):
        see(world, a_signal(), a_signal())
    assert len(world.topic.alerts) == len(world.bus.events) == 1
    assert world.incidents.open[KEY].count == 8
    assert world.iam.calls.count("GetAccessKeyLastUsed") == 1


def test_a_repeat_is_counted_once_while_its_update_cannot_be_sent_and_the_timer_sends_it_later() -> None:
    world = a_world()
    see(world)
    world.iam.denied = {"ListAccessKeys"}
    world.incidents.now += timedelta(minutes=3)
    see(world, a_signal(caller=a_caller(source="203.0.113.99")))
    assert [str(error) for error in world.unreported] == ["iam:ListAccessKeys: AccessDenied"]
    assert (world.incidents.open[KEY].count, len(world.topic.alerts)) == (2, 1)
    world.iam.denied = set()
    world.incidents.now += timedelta(minutes=1)
    process_due_incidents(world.remediator, lambda: 30)
    assert "203.0.113.99" in world.topic.alerts[-1].body
    assert len(world.topic.alerts) == 2


def test_updates_that_find_the_outbox_full_are_sent_together_when_it_is_empty() -> None:
    world = a_world()
    see(world)
    world.topic.fails = True
    sources = [f"203.0.113.{100 + number}" for number in range(14)]
    for source in sources:
        world.incidents.now += timedelta(minutes=61)
        see(world, a_signal(occurred_at=world.incidents.now, caller=a_caller(source=source)))
        process_due_incidents(world.remediator, lambda: 30)
    assert len(world.incidents.open[KEY].outbox.of(Channel.ALERTS)) == LIMIT
    world.topic.fails = False
    run_timer(world)
    updates = [alert.body.split("SO FAR")[0] for alert in world.topic.alerts]
    assert [source for source in sources if source not in "".join(updates)] == []
    assert len(updates) == 1 + LIMIT + 1


def test_a_timer_run_says_how_long_an_incident_had_waited_for_it() -> None:
    world = a_world()
    see(world)
    assert process_due_incidents(world.remediator, lambda: 30).overdue == timedelta()
    world.incidents.now += POLICY.quiet + timedelta(minutes=7)
    assert process_due_incidents(world.remediator, lambda: 0).overdue == timedelta(minutes=7)


def test_a_healthy_key_is_counted_and_causes_an_event_but_no_alert() -> None:
    world = a_world("Active")
    see(world, a_signal(error_message="?"))
    see(world, a_signal(error_message="?"))
    assert world.topic.alerts == []
    assert [event["decision"] for event in world.bus.events] == ["suppress"]


def test_a_look_alike_does_not_hide_the_real_failure_that_follows_it() -> None:
    world = a_world()
    see(world, LOOK_ALIKE)
    assert world.topic.alerts == []
    see(world)
    assert [event["cause"] for event in world.bus.events] == ["not-a-key-failure", "key-inactive"]
    assert [event["transition"] for event in world.bus.events] == ["opened", "cause-changed"]
    assert len(world.topic.alerts) == 1


def test_a_worker_leaves_an_incident_to_the_one_that_is_at_it() -> None:
    world = a_world()
    world.incidents.held[KEY] = a_signal().error_class
    see(world)
    assert world.topic.alerts == []


def test_more_specific_signals_are_retried_when_another_worker_evaluates_less_specific_ones() -> None:
    world = a_world()
    world.incidents.held[KEY] = LOOK_ALIKE.error_class
    with pytest.raises(BusyError):
        see(world)


def run_timer(world: World, after: timedelta = timedelta(minutes=1), number: int = 3) -> list[TimerRun]:
    """As many runs of the timer, the first after that time and the others a minute apart."""
    outcomes = []
    for _ in range(number):
        world.incidents.now += after
        outcomes.append(process_due_incidents(world.remediator, lambda: 30))
        after = timedelta(minutes=1)
    return outcomes


def test_when_the_topic_refuses_the_event_is_sent_and_the_alert_is_sent_later_once() -> None:
    world = a_world()
    world.topic.fails = True
    see(world)
    see(world)
    run_timer(world)
    assert world.refusals == [("alerts", "sns:Publish: Throttled")] * 4
    world.topic.fails = False
    run_timer(world)
    see(world)
    assert (len(world.topic.alerts), len(world.bus.events)) == (1, 1)
    assert world.incidents.open[KEY].alerts_sent == 1


def test_what_cannot_be_saved_is_not_sent_rather_than_sent_again_and_again() -> None:
    world = a_world()
    [group] = group_by_key([a_signal()])
    remediator = replace(world.remediator, update_policy=replace(POLICY, digest=timedelta.max))
    with pytest.raises(OverflowError):
        remediator.remediate(group)
    assert (world.topic.alerts, world.chat.messages, world.bus.events) == ([], [], [])


def test_when_the_bus_refuses_the_alert_is_sent_and_the_event_is_sent_later_once() -> None:
    world = a_world()
    world.bus.error = TransientError("events:PutEvents: ThrottlingException")
    see(world)
    assert len(world.topic.alerts) == 1
    world.bus.error = None
    run_timer(world)
    see(world)
    assert (len(world.topic.alerts), len(world.bus.events)) == (1, 1)


@pytest.mark.parametrize("error", [TransientError("sns:Publish: Throttled"), KeyError("a fault of ours")])
def test_a_chat_that_is_down_for_two_hours_holds_nothing_back_and_hears_all_of_it_in_order_once(
    error: Exception,
) -> None:
    world = a_world()
    world.chat.error = error
    see(world)
    run_timer(world, timedelta(hours=1), 1)
    see(world, a_signal(caller=a_caller("198.51.100.9")))
    assert (len(world.topic.alerts), len(world.bus.events)) == (2, 2)
    run_timer(world, timedelta(hours=1))
    world.chat.error = None
    see(world, *[a_signal(caller=a_caller("198.51.100.10"))] * 20)
    run_timer(world)
    assert [title.split(", ")[1] for title in world.chat.titles] == [
        "production calls refused (sts",
        "still refused: 1 new caller (sts",
        "still refused: 1 new caller",
    ]
    assert len(set(world.chat.threads)) == 1
    assert len(world.topic.alerts) == world.incidents.open[KEY].alerts_sent == 3


def test_a_chat_that_can_never_take_a_message_takes_the_next_one() -> None:
    world = a_world()
    world.chat.error = PermanentError("sns:Publish: InvalidParameter")
    see(world)
    run_timer(world)
    assert world.refusals == [("chat", "sns:Publish: InvalidParameter")] * 2
    world.chat.error = None
    run_timer(world, timedelta(hours=6), 1)
    assert ["closed" in title for title in world.chat.titles] == [True]


def test_whatever_a_channel_refuses_is_reported_at_once_the_first_alert_as_well_as_updates() -> None:
    world = a_world()
    world.topic.fails = True
    see(world)
    assert world.refusals == [("alerts", "sns:Publish: Throttled")]
    world.topic.fails = False
    run_timer(world)
    world.bus.error = TransientError("events:PutEvents: ThrottlingException")
    see(world, *ten_calls())
    assert world.refusals[1:] == [("events", "events:PutEvents: ThrottlingException")]


def test_a_message_that_a_channel_can_never_accept_is_dropped_at_the_second_try_and_blocks_nothing() -> None:
    world = a_world()
    world.bus.error = PermanentError("never")
    see(world)
    run_timer(world)
    assert world.refusals == [("events", "never")] * 2
    world.bus.error = None
    see(world, *ten_calls())
    assert len(world.topic.alerts) == 2
    assert [event["transition"] for event in world.bus.events] == ["count-passed"]


def ten_calls() -> list[Signal]:
    return [a_signal()] * 10


def test_evidence_that_could_change_the_cause_is_waited_for_and_the_next_delivery_alerts() -> None:
    world = a_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see(world)
    assert world.topic.alerts == []
    world.iam.denied = set()
    see(world)
    assert [finding.diagnosis.cause for finding in world.incidents.findings] == [Cause.KEY_INACTIVE]


def test_a_history_that_cannot_be_read_delays_no_alert_of_an_inactive_key_and_is_read_once_more() -> None:
    world = a_world()
    world.trail.fails = True
    see(world)
    assert alerted_causes(world) == ["key-inactive"]
    body = world.topic.alerts[0].body
    assert "WHY: key-inactive (likely)" in body
    assert "Could not be read: who changed the key, and when (cloudtrail[:]LookupEvents: Access" in body
    assert "days show who" not in body
    world.trail.fails = False
    assert found_in(run_timer(world, timedelta(minutes=3))) == [1, 0, 0]
    assert alerted_causes(world) == ["key-inactive"]
    [item] = world.incidents.items.values()
    assert item.latest is not None
    assert item.latest.confidence is Confidence.CERTAIN


def see_without_waiting(world: World, signal: Signal | None = None) -> None:
    [group] = group_by_key([signal or a_signal()])
    world.remediator.remediate(group, may_wait=False)


def test_a_listed_message_of_which_nothing_can_be_read_is_alerted_as_exactly_that() -> None:
    world = a_world()
    world.iam.denied = {"GetAccessKeyLastUsed", "ListAccessKeys"}
    world.trail.fails = True
    see_without_waiting(world)
    assert alerted_causes(world) == ["unknown-key"]
    body = world.topic.alerts[0].body
    assert "AWS says that it rejected the credentials. Why is not known" in body
    assert "finds no such key" not in body
    assert decided(world) == [("notify", "rotation-cannot-mend")]
    world.iam.denied, world.trail.fails = set(), False
    run_timer(world, RECHECK)
    assert alerted_causes(world) == ["unknown-key", "key-inactive"]


def test_a_message_that_is_not_listed_waits_for_iam_however_often_it_is_delivered() -> None:
    world = a_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see_without_waiting(world, a_signal(error_message="?"))
    assert world.topic.alerts == []


def test_what_was_alerted_is_not_replaced_by_what_rests_on_less() -> None:
    world = a_world()
    see(world)
    world.iam.denied = {"ListAccessKeys"}
    [incident] = world.incidents.items.values()
    with pytest.raises(TransientError):
        world.remediator.evaluate(incident, a_signal(), may_wait=False)
    assert alerted_causes(world) == ["key-inactive"]


def test_a_first_alert_that_the_timer_is_to_send_waits_five_minutes_for_evidence() -> None:
    world = a_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see(world)
    [early] = run_timer(world, timedelta(minutes=1), 1)
    assert (len(early.failures), alerted_causes(world)) == (1, [])
    [late] = run_timer(world, timedelta(minutes=5), 1)
    assert (len(late.failures), alerted_causes(world)) == (1, ["unknown-key"])
    assert "of IAM user alice" in world.topic.alerts[0].body


def test_no_key_is_rotated_while_it_is_unknown_whether_it_leaked() -> None:
    world = an_enrolled_world()
    world.iam.denied = {"ListAttachedUserPolicies"}
    see_without_waiting(world)
    assert decided(world) == [("notify", "evidence-incomplete")]
    assert world.rotation.started == {}
    assert "Could not be read: whether AWS marked the owner's key as leaked" in world.topic.alerts[0].body


def test_an_event_has_exactly_the_fields_of_the_interface() -> None:
    world = a_world()
    see(world)
    assert set(world.bus.events[0]) == {
        "schemaVersion",
        "incidentId",
        "transition",
        "accessKeyId",
        "cause",
        "predicted",
        "confidence",
        "decision",
        "guardrail",
        "severity",
        "owner",
        "account",
        "region",
        "count",
        "firstSeen",
        "lastSeen",
        "callers",
    }


STRANGER = key_id(9)
RECHECK = timedelta(minutes=15)


def found_in(outcomes: list[TimerRun]) -> list[int]:
    return [len(outcome.findings) for outcome in outcomes]


def test_an_unknown_key_that_turns_out_to_be_known_is_corrected_with_one_alert() -> None:
    world = a_world()
    see(world, a_signal(STRANGER))
    world.trail.histories[STRANGER] = (a_change("DeleteAccessKey"),)
    assert found_in(run_timer(world, RECHECK)) == [1, 0, 0]
    assert alerted_causes(world) == ["unknown-key", "key-deleted"]
    assert [event["transition"] for event in world.bus.events] == ["opened", "cause-changed"]


def test_an_unknown_key_that_stays_unknown_is_diagnosed_once_more_and_not_alerted_again() -> None:
    world = a_world()
    see(world, a_signal(STRANGER))
    assert found_in(run_timer(world, RECHECK - timedelta(minutes=1))) == [0, 1, 0]
    assert len(world.topic.alerts) == len(world.bus.events) == 1


def test_a_call_without_a_key_is_not_diagnosed_again() -> None:
    world = a_world()
    see(world, a_signal(""))
    assert found_in(run_timer(world, RECHECK)) == [0, 0, 0]


def test_a_recheck_that_fails_stays_due_and_the_others_go_on() -> None:
    world = a_world()
    see(world, a_signal(STRANGER), a_signal(key_id(8)))
    world.trail.fails = True
    [outcome] = run_timer(world, RECHECK, 1)
    assert len(outcome.failures) == 2
    world.trail.fails = False
    assert found_in(run_timer(world, timedelta(minutes=5))) == [2, 0, 0]


def test_a_timer_run_ends_when_there_may_be_too_little_time_for_another_incident() -> None:
    world = a_world()
    see(world, a_signal(STRANGER), a_signal(key_id(8)))
    times = iter([30, 3])
    world.incidents.now += RECHECK
    assert len(process_due_incidents(world.remediator, lambda: next(times)).findings) == 1
    assert found_in(run_timer(world)) == [1, 0, 0]


def test_a_timer_run_reports_a_look_up_that_does_not_work_though_nothing_is_due() -> None:
    world = a_world()
    assert process_due_incidents(world.remediator, lambda: 30).failures == []
    world.iam.denied.add("GetAccessKeyLastUsed")
    assert len(process_due_incidents(world.remediator, lambda: 30).failures) == 1


def at_its_recheck_the_stranger_is_known(world: World) -> None:
    see(world, a_signal(STRANGER))
    world.trail.histories[STRANGER] = (a_change("DeleteAccessKey"),)


def test_a_correction_that_the_topic_refuses_is_sent_in_a_later_run_once() -> None:
    world = a_world()
    at_its_recheck_the_stranger_is_known(world)
    world.topic.fails = True
    run_timer(world, RECHECK, 2)
    world.topic.fails = False
    run_timer(world)
    assert alerted_causes(world) == ["unknown-key", "key-deleted"]
    assert len(world.bus.events) == 2


def test_a_correction_that_the_bus_refuses_is_an_event_in_a_later_run_and_one_alert() -> None:
    world = a_world()
    at_its_recheck_the_stranger_is_known(world)
    world.bus.error = TransientError("events:PutEvents: ThrottlingException")
    run_timer(world, RECHECK, 2)
    world.bus.error = None
    run_timer(world)
    assert alerted_causes(world) == ["unknown-key", "key-deleted"]
    assert len(world.bus.events) == 2


def test_an_unknown_key_that_turns_out_to_be_good_is_corrected_too() -> None:
    world = a_world()
    see(world, a_signal(STRANGER))
    world.iam.users["bob"] = {STRANGER: "Active"}
    run_timer(world, RECHECK)
    assert alerted_causes(world) == ["unknown-key", "active-key-rejected"]


OFF = a_predicted_outage()


def alerted_causes(world: World) -> list[str]:
    return [alert.attributes["cause"] for alert in world.topic.alerts]


def test_failures_that_were_predicted_join_the_incident_and_are_alerted_once_more() -> None:
    world = a_world()
    see(world, OFF)
    for _ in range(3):
        see(world)
    assert alerted_causes(world) == ["deactivated-in-use", "key-inactive"]
    assert [event["transition"] for event in world.bus.events] == ["opened", "cause-changed"]
    assert [event["predicted"] for event in world.bus.events] == [True, True]
    assert len({event["incidentId"] for event in world.bus.events}) == 1
    assert "An earlier alert of this incident predicted it: deactivated-in-use." in world.topic.alerts[1].body


def test_a_prediction_counts_no_failed_call() -> None:
    world = a_world()
    see(world, OFF)
    assert [event["count"] for event in world.bus.events] == [0]
    see(world)
    assert [event["count"] for event in world.bus.events] == [0, 1]


def test_a_prediction_that_comes_twice_is_alerted_once() -> None:
    world = a_world()
    see(world, OFF)
    see(world, OFF)
    assert alerted_causes(world) == ["deactivated-in-use"]


def test_a_prediction_after_the_first_failure_adds_nothing() -> None:
    world = a_world()
    see(world)
    see(world, OFF)
    assert alerted_causes(world) == ["key-inactive"]
    assert [event["predicted"] for event in world.bus.events] == [False]


def test_a_failure_in_the_same_batch_is_alerted_instead() -> None:
    world = a_world()
    see(world, OFF, a_signal())
    assert alerted_causes(world) == ["key-inactive"]


def test_the_deletion_of_the_user_upgrades_the_incident_of_its_keys_deletion() -> None:
    world = a_world()
    world.ledger.merge_key(
        KeyEntry(
            access_key_id=KEY,
            owner_name=Observed(value="alice", at=NOON),
            deletion=recorded(NOON, "user/bob"),
        )
    )
    del world.iam.users["alice"][KEY]
    see(world, a_predicted_outage("DeleteAccessKey"))
    del world.iam.users["alice"]
    see(world, a_predicted_outage("DeleteUser"))
    assert alerted_causes(world) == ["deleted-in-use", "user-deleted-in-use"]
    assert len({event["incidentId"] for event in world.bus.events}) == 1


def test_a_key_that_is_reactivated_before_the_alert_causes_none() -> None:
    world = a_world()
    world.iam.users["alice"][KEY] = "Active"
    see(world, OFF)
    assert world.topic.alerts == []
    assert [event["cause"] for event in world.bus.events] == ["not-a-key-failure"]


def test_a_key_that_is_deactivated_again_after_its_alert_is_alerted_again() -> None:
    world = a_world()
    see(world, OFF)
    world.incidents.now = NOON + timedelta(minutes=1)
    see(world, OFF)
    world.incidents.now = NOON + timedelta(days=5, minutes=1)
    again = a_predicted_outage(at=NOON + timedelta(days=5))
    see(world, again)
    see(world, again)
    assert alerted_causes(world) == ["deactivated-in-use", "deactivated-in-use"]


def test_a_deactivation_after_an_alert_of_another_cause_is_alerted_and_so_are_its_failures() -> None:
    world = a_world()
    see(world)
    world.incidents.now = NOON + timedelta(minutes=1)
    see(world, a_predicted_outage(at=NOON + timedelta(hours=1)))
    see(world)
    assert alerted_causes(world) == ["key-inactive", "deactivated-in-use", "key-inactive"]


def test_a_prediction_is_alerted_though_the_usage_of_the_key_cannot_be_read() -> None:
    world = a_world()
    world.ledger.merge_key(
        KeyEntry(
            access_key_id=KEY,
            owner_name=Observed(value="alice", at=NOON),
            recorded_status=Observed(value="Inactive", at=NOON, by="user/bob"),
        )
    )
    world.trail.fails = True
    see(world, OFF)
    assert alerted_causes(world) == ["deactivated-in-use"]
    assert "CloudTrail's event history could not be searched for callers." in world.topic.alerts[0].body


def test_a_prediction_about_a_leaked_key_is_critical() -> None:
    world = a_world()
    world.iam.policies["alice"] = "AWSCompromisedKeyQuarantineV3"
    see(world, OFF)
    attributes = world.topic.alerts[0].attributes
    assert (attributes["cause"], attributes["severity"]) == ("deactivated-in-use", "critical")


def an_enrolled_world(mode: str = "auto", secret: str = "access-keys/alice") -> World:
    world = a_world()
    world.iam.tags["alice"] = {SECRET_TAG: secret, MODE_TAG: mode}
    world.rotation.tags["access-keys/alice"] = {USER_ID_TAG: "AIDAalice"}
    del world.iam.users["alice"][key_id(2)]
    world.trail.histories[KEY] = (
        replace(a_change("UpdateAccessKey", status="Inactive"), by="assumed-role/Containment/x"),
    )
    return world


def decided(world: World) -> list[tuple[str, object]]:
    events = world.bus.events
    return [(str(event["decision"]), event["guardrail"]) for event in events]


def test_the_key_of_an_enrolled_user_that_an_automation_deactivated_is_rotated_once() -> None:
    world = an_enrolled_world()
    for _ in range(3):
        see(world)
    assert decided(world) == [("rotate", "none")]
    assert list(world.rotation.started.values()) == ["access-keys/alice"]
    assert world.topic.alerts[0].attributes["severity"] == "medium"


def recorded_by_the_automation(world: World) -> None:
    """In the ledger alone, as a message has it."""
    world.ledger.merge_key(
        KeyEntry(
            access_key_id=KEY,
            owner_name=Observed(value="alice", at=NOON),
            recorded_status=Observed(value="Inactive", at=NOON, by="assumed-role/Containment/x"),
        )
    )


@pytest.mark.parametrize(
    "history",
    [(), (a_change("UpdateAccessKey", status="Inactive"),)],
    ids=["late history", "a person's deactivation"],
)
def test_a_record_that_only_the_ledger_has_starts_no_rotation(history: tuple[KeyChange, ...]) -> None:
    world = an_enrolled_world()
    recorded_by_the_automation(world)
    world.trail.histories[KEY] = history
    see(world)
    assert decided(world) == [("request-approval", "switched-off-by-a-person")]
    assert "does not confirm it yet" in world.topic.alerts[0].body
    assert world.rotation.started == {}


def test_what_the_history_confirms_later_is_rotated_later_and_alerted() -> None:
    world = an_enrolled_world()
    recorded_by_the_automation(world)
    world.trail.histories[KEY] = ()
    see(world)
    [incident] = world.incidents.items.values()
    assert incident.recheck_at == NOON + POLICY.recheck
    deactivation = replace(
        a_change("UpdateAccessKey", status="Inactive"), at=NOON, by="assumed-role/Containment/x"
    )
    world.trail.histories[KEY] = (deactivation,)
    run_timer(world, POLICY.recheck)
    assert decided(world) == [("request-approval", "switched-off-by-a-person"), ("rotate", "none")]
    assert [alert.attributes["decision"] for alert in world.topic.alerts] == ["request-approval", "rotate"]


def test_what_the_history_never_confirms_is_read_once_more_only() -> None:
    world = an_enrolled_world()
    recorded_by_the_automation(world)
    world.trail.histories[KEY] = ()
    see(world)
    [incident] = world.incidents.items.values()
    run_timer(world, POLICY.recheck)
    [incident] = world.incidents.items.values()
    assert (incident.rechecked, incident.recheck_at) == (True, None)
    assert len(world.topic.alerts) == 1
    assert world.rotation.started == {}


def test_a_rotation_that_is_processed_again_has_the_same_token() -> None:
    world = an_enrolled_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see(world)
    world.iam.denied = set()
    for _ in range(3):
        see(world)
    assert len(world.rotation.started) == 1


def test_a_key_that_a_person_deactivated_asks_for_approval_with_one_command() -> None:
    world = an_enrolled_world()
    world.trail.histories[KEY] = (a_change("UpdateAccessKey", status="Inactive"),)
    see(world)
    assert decided(world) == [("request-approval", "switched-off-by-a-person")]
    assert (
        "aws secretsmanager rotate-secret --region=eu-central-1 --secret-id=access-keys/alice\n"
        in world.topic.alerts[0].body
    )
    assert world.rotation.started == {}


@pytest.mark.parametrize(
    ("secret", "guardrail"),
    [("access-keys/nobody", "binding"), ("elsewhere/alice", "binding"), ("access-keys/$(id)", "binding")],
)
def test_no_tag_that_a_user_gives_itself_suppresses_an_alert(secret: str, guardrail: str) -> None:
    world = an_enrolled_world(secret=secret)
    see(world)
    assert decided(world) == [("refuse", guardrail)]
    assert len(world.topic.alerts) == 1
    assert "$(id)" not in world.topic.alerts[0].body


def test_a_rotation_that_cannot_be_started_is_alerted_as_refused() -> None:
    world = an_enrolled_world()
    world.rotation.fails = True
    see(world)
    assert decided(world) == [("refuse", "not-started")]
    assert world.topic.alerts[0].attributes["severity"] == "critical"


def test_a_stage_in_mode_notify_changes_nothing_whatever_the_user_says() -> None:
    world = an_enrolled_world()
    world.rotation.deployed_mode = Mode.NOTIFY
    see(world)
    assert decided(world) == [("notify", "mode-notify")]
    assert world.rotation.started == {}


def test_a_key_that_a_bot_deletes_after_a_person_deactivated_it_is_still_that_persons_containment() -> None:
    world = an_enrolled_world()
    off = a_change("UpdateAccessKey", status="Inactive")
    again = replace(off, at=off.at + timedelta(seconds=30), by="assumed-role/Containment/x")
    world.trail.histories[KEY] = (again, off)
    see(world)
    assert decided(world) == [("request-approval", "switched-off-by-a-person")]


def test_an_older_key_that_the_secret_named_once_does_not_stand_for_the_one_it_names() -> None:
    world = an_enrolled_world()
    old = key_id(2)
    world.iam.users["alice"][old] = "Active"
    state = RotationState(secret_name="access-keys/alice")
    for made in (old, KEY):
        state = state.with_created(made, f"token of {made}", NOON).with_promoted(made)
    world.rotation.states["access-keys/alice"] = state
    see(world)
    assert decided(world) != [("notify", "consumer-is-stale")]


def test_a_tag_without_a_secret_to_it_makes_nothing_urgent() -> None:
    world = an_enrolled_world(secret="access-keys/nobody")
    see(world)
    assert world.topic.alerts[0].attributes["severity"] == "high"


def a_change_of_its_key(
    event_name: str = "UpdateAccessKey", after: timedelta = timedelta(minutes=5)
) -> Signal:
    off = a_predicted_outage(event_name, at=NOON + after)
    return replace(off, predicted_outage=None, state_change=off.predicted_outage)


def transitions(world: World) -> list[object]:
    return [event["transition"] for event in world.bus.events]


def test_a_reactivation_is_alerted_once_and_named_again_at_closing() -> None:
    world = a_world()
    see(world)
    world.incidents.now += timedelta(minutes=6)
    world.iam.users["alice"][KEY] = "Active"
    for _ in range(2):
        see(world, a_change_of_its_key())
    run_timer(world, timedelta(hours=6))
    assert transitions(world) == ["opened", "key-reactivated", "closed"]
    assert "user/bob reactivated the key" in world.topic.alerts[1].body
    assert "The key is active again: user/bob reactivated it" in world.topic.alerts[2].body
    assert len(world.topic.alerts) == 3


def test_a_leftover_token_with_a_reactivated_key_is_alerted_once_the_reactivation_is_on_record() -> None:
    world = a_world()
    see(world)
    world.iam.users["alice"][KEY] = "Active"
    world.incidents.now += timedelta(minutes=9)
    late = a_caller(source="203.0.113.99")
    see(world, a_signal(occurred_at=NOON + timedelta(minutes=8), caller=late))
    assert alerted_causes(world) == ["key-inactive"]
    again = Observed(value="Active", at=NOON + timedelta(minutes=5), by="user/bob")
    world.ledger.merge_key(KeyEntry(access_key_id=KEY, recorded_status=again))
    world.incidents.now += timedelta(minutes=2)
    see(world, a_signal(occurred_at=NOON + timedelta(minutes=10)))
    assert alerted_causes(world) == ["key-inactive", "active-key-rejected"]


def test_a_reactivation_is_alerted_though_an_older_failure_was_evaluated_before_its_record_arrived() -> None:
    world = a_world()
    see(world)
    world.iam.users["alice"][KEY] = "Active"
    world.incidents.now += timedelta(minutes=9)
    see(world, a_signal(occurred_at=NOON + timedelta(minutes=4), caller=a_caller(source="203.0.113.99")))
    see(world, a_change_of_its_key())
    assert ["reactivated" in alert.subject for alert in world.topic.alerts] == [False, True]


@pytest.mark.parametrize("after", [timedelta(days=-1), timedelta(minutes=5)])
def test_a_reactivation_after_which_the_key_was_found_dead_is_not_alerted(after: timedelta) -> None:
    world = a_world()
    see(world)
    world.incidents.now += timedelta(minutes=10)
    see(world, a_predicted_outage(at=world.incidents.now))
    see(world, a_change_of_its_key(after=after))
    assert "key-reactivated" not in transitions(world)


def test_a_reactivated_key_that_iam_lists_as_inactive_is_not_called_active() -> None:
    world = a_world()
    see(world)
    world.incidents.now += timedelta(minutes=6)
    see(world, a_change_of_its_key())
    assert "IAM lists the key as Inactive now." in world.topic.alerts[1].body


def test_to_activate_a_key_that_was_rejected_while_it_was_active_is_no_news() -> None:
    world = a_world("Active")
    see(world, a_signal(error_code="SignatureDoesNotMatch"))
    assert [alert.attributes["cause"] for alert in world.topic.alerts] == ["active-key-rejected"]
    world.incidents.now += timedelta(minutes=6)
    see(world, a_change_of_its_key())
    assert transitions(world) == ["opened"]
    run_timer(world, timedelta(hours=6))
    assert "The key was active all the time." in world.topic.alerts[-1].body
    assert "active again" not in world.topic.alerts[-1].body


WRONG_SECRET = a_signal(error_code="SignatureDoesNotMatch", error_message="The signature does not match.")
STRAY_TOKEN = a_signal(
    caller=a_caller("198.51.100.9"), occurred_at=NOON + timedelta(minutes=2), error_message=REFUSED
)


def test_a_second_reason_of_one_key_is_reported_as_such_and_once() -> None:
    world = a_world("Active")
    see(world, WRONG_SECRET)
    for _ in range(3):
        world.incidents.now += timedelta(minutes=2)
        see(world, STRAY_TOKEN)
        see(world, WRONG_SECRET)
    first, second = world.topic.alerts
    assert first.attributes["cause"] == second.attributes["cause"] == "active-key-rejected"
    assert "The signature does not match" in first.body
    assert "NEW: calls also fail for the reason below" in second.body
    assert "session token" in second.body
    assert "from 198.51.100.9" in second.body


def test_the_same_reason_from_another_caller_is_an_update() -> None:
    world = a_world("Active")
    see(world, WRONG_SECRET)
    world.incidents.now += timedelta(minutes=2)
    see(world, replace(WRONG_SECRET, caller=a_caller("198.51.100.9")))
    assert "1 new caller" in world.topic.alerts[1].subject


def test_an_update_repeats_the_commands_that_are_right_by_then() -> None:
    world = a_world()
    see(world)
    world.incidents.now += timedelta(minutes=2)
    see(world, a_signal(caller=a_caller("198.51.100.9")))
    update = world.topic.alerts[1].body
    assert "1 new caller" in update
    assert f"aws iam update-access-key --user-name=alice --access-key-id {KEY} --status Active\n" in update


def test_an_update_about_an_exposed_secret_repeats_how_to_close_it() -> None:
    world = a_world()
    see(world, EXPOSED)
    world.incidents.now += timedelta(minutes=2)
    see(world, replace(EXPOSED, caller=a_caller("198.51.100.9")))
    assert "1 new caller" in world.topic.alerts[1].subject
    assert "SET closedBy = :by" in world.topic.alerts[1].body


def test_a_deactivation_after_calls_had_failed_says_that_they_had() -> None:
    world = a_world()
    see(world)
    world.incidents.now += timedelta(minutes=10)
    see(world, a_predicted_outage(at=world.incidents.now))
    body = world.topic.alerts[-1].body
    assert "the earlier alert of this incident said key-inactive" in body
    assert "In this incident 1 call failed, the last at 2026-03-14 12:00:00 UTC." in body
    assert "No call is known to have failed yet" not in body


EXPOSED = a_signal("wJalrXUtnFEMIK7MDENGbPxRfiCYzZ9Q4TpLm2Xk")


def test_an_exposed_secret_is_not_closed_because_calls_stopped() -> None:
    world = a_world()
    see(world, EXPOSED)
    run_timer(world, timedelta(days=30))
    assert transitions(world) == ["opened"]
    assert not world.incidents.open[EXPOSED.incident_key].closed
    see(world, EXPOSED)
    assert len(world.incidents.items) == 1


def test_a_person_closes_an_exposed_secret_which_is_no_urgent_alert() -> None:
    world = a_world()
    see(world, EXPOSED)
    assert "aws dynamodb update-item" in world.topic.alerts[0].body
    [(ref, incident)] = world.incidents.items.items()
    world.incidents.items[ref] = replace(incident, closed_by="arn:aws:iam::123456789012:user/carol")
    world.incidents.due_at[ref] = world.incidents.now
    run_timer(world, timedelta())
    assert transitions(world) == ["opened", "closed"]
    closing = world.topic.alerts[-1]
    assert closing.attributes["severity"] == "low"
    assert "user/carol closed the incident." in closing.body
    see(world, replace(EXPOSED, occurred_at=NOON + timedelta(hours=1)))
    assert [alert.attributes["severity"] for alert in world.topic.alerts] == ["critical", "low", "critical"]


def test_a_reactivation_of_a_key_without_an_incident_opens_none() -> None:
    world = a_world()
    see(world, a_change_of_its_key())
    assert world.incidents.items == {}
    assert world.topic.alerts == []


def test_a_reactivation_in_the_batch_of_a_failure_is_alerted_too() -> None:
    world = a_world()
    see(world)
    see(world, a_signal(), a_change_of_its_key())
    assert transitions(world) == ["opened", "key-reactivated"]
    assert world.incidents.open[KEY].count == 2


def test_the_deletion_of_a_key_that_goes_on_failing_is_a_new_cause_of_the_same_incident() -> None:
    world = a_world()
    see(world)
    del world.iam.users["alice"][KEY]
    world.iam.stale[KEY] = "alice"
    world.trail.histories[KEY] = (a_change("DeleteAccessKey"),)
    for _ in range(2):
        see(world, a_change_of_its_key("DeleteAccessKey"))
        world.incidents.now += timedelta(minutes=10)
    assert alerted_causes(world) == ["key-inactive", "key-deleted"]
    assert transitions(world) == ["opened", "cause-changed"]
    assert "NEW: the earlier alert of this incident said key-inactive." in world.topic.alerts[1].body


def test_no_update_is_alerted_of_a_key_that_is_good_again_but_its_closing_is() -> None:
    world = a_world()
    see(world)
    world.iam.users["alice"][KEY] = "Active"
    see(world, *[a_signal(error_message="?")] * 20)
    assert len(world.topic.alerts) == 1
    run_timer(world, timedelta(hours=6))
    assert ["closed" in alert.subject for alert in world.topic.alerts] == [False, True]


def test_the_closing_repeats_what_was_alerted_though_its_key_was_found_good_since() -> None:
    world = a_world()
    see(world)
    world.iam.users["alice"][KEY] = "Active"
    see(world, a_signal(caller=a_caller(source="203.0.113.99")))
    run_timer(world, timedelta(hours=6))
    first, closing = world.topic.alerts
    assert "[low] key-inactive: alice, closed" in closing.subject
    assert closing.attributes == {**first.attributes, "severity": "low"}


@pytest.mark.parametrize(
    ("callers", "closes"), [(("203.0.113.7",), True), (("203.0.113.7", "203.0.113.99"), False)]
)
def test_the_use_of_a_new_key_ends_an_incident_early_only_where_one_caller_alone_is_known(
    callers: tuple[str, ...], closes: bool
) -> None:
    world = a_world()
    see(world, *[a_signal(caller=a_caller(source=source)) for source in callers])
    incident, minutes = world.incidents.open[KEY], timedelta(minutes=1)
    end = RotationEnd(succeeded=True, at=NOON + minutes, new_key=key_id(2))
    world.incidents.items[incident.ref] = replace(incident, rotation=end)
    world.incidents.due_at[incident.ref] = NOON + 10 * minutes
    world.iam.last_uses[key_id(2)] = replace(LAST_USE, at=NOON + 5 * minutes)
    run_timer(world, 10 * minutes)
    assert ["closed" in alert.subject for alert in world.topic.alerts] == [False, True][: 1 + closes]
    run_timer(world, timedelta(hours=6))
    assert "closed" in world.topic.alerts[-1].subject


def test_a_cause_that_changed_without_a_record_is_alerted_instead_of_the_digest() -> None:
    world = a_world()
    for _ in range(4):
        see(world)
        run_timer(world, timedelta(hours=5), 1)
    see(world)
    del world.iam.users["alice"][KEY]
    world.iam.stale[KEY] = "alice"
    world.trail.histories[KEY] = (a_change("DeleteAccessKey"),)
    run_timer(world, timedelta(hours=5))
    assert alerted_causes(world) == ["key-inactive", "key-deleted"]


def test_an_incident_that_was_suppressed_closes_with_an_event_alone() -> None:
    world = a_world("Active")
    see(world, a_signal(error_message="?"))
    run_timer(world, timedelta(hours=6))
    assert transitions(world) == ["opened", "closed"]
    assert world.topic.alerts == []


def test_an_unsent_alert_goes_out_before_what_came_later() -> None:
    world = a_world()
    world.topic.fails = True
    see(world)
    see(world, *ten_calls())
    world.topic.fails = False
    see(world, a_signal(caller=a_caller("198.51.100.9")))
    assert world.topic.alerts == []
    run_timer(world)
    assert ["refused: " in alert.subject for alert in world.topic.alerts] == [False, True, True]
    assert "11 calls" in world.topic.alerts[1].subject
    assert "1 new caller" in world.topic.alerts[2].subject


def test_the_timer_reports_what_a_crashed_worker_did_not() -> None:
    world = a_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see(world)
    world.iam.denied = set()
    run_timer(world)
    assert alerted_causes(world) == ["key-inactive"]


def test_a_change_of_its_key_evaluates_an_incident_that_a_crashed_worker_did_not() -> None:
    world = a_world()
    world.iam.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        see(world)
    world.iam.denied = set()
    see(world, a_change_of_its_key())
    assert alerted_causes(world) == ["key-inactive"]


def test_a_hundred_due_incidents_are_processed_over_some_runs_the_oldest_first() -> None:
    world = a_world()
    for number in range(100):
        see(world, a_signal(key_id(number + 100)))
        world.incidents.now += timedelta(seconds=1)
    world.incidents.now += timedelta(hours=6)
    closed = []
    while world.incidents.due_at:
        times = iter([*[30] * 30, 3])
        process_due_incidents(world.remediator, lambda times=times: next(times, 3))  # type: ignore[misc]
        closed.append([event["incidentId"] for event in world.bus.events if event["transition"] == "closed"])
        world.incidents.now += timedelta(minutes=1)
        assert len(closed) < 20
    assert closed[-1] == sorted(map(str, closed[-1]), key=lambda it: it.split("/")[1])
    assert len(closed[-1]) == len(set(closed[-1])) == 100


def test_an_update_that_two_workers_find_is_sent_once() -> None:
    """The second has counted before the first reported, and claims after it."""
    world = a_world()
    see(world)
    stale = world.incidents.record(group_by_key(ten_calls())[0]).incident
    see(world)
    assert len(world.topic.alerts) == 2
    claimed = world.incidents.claim(stale.ref)
    assert claimed is not None
    world.remediator.report_update(claimed)
    assert len(world.topic.alerts) == 2
    assert transitions(world) == ["opened", "count-passed"]


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("id", "placeholder-key"),
        ("AWS", "placeholder-key"),
        ("in", "malformed-key"),
        ("token", "malformed-key"),
        (REFUSED, "malformed-key"),
    ],
)
def test_a_malformed_id_that_is_a_word_of_the_error_message_raises_its_alert(word: str, cause: str) -> None:
    world = a_world()
    signal = signal_in(an_event(a_record(word)))
    assert signal
    see(world, signal)
    assert [alert.attributes["cause"] for alert in world.topic.alerts] == [cause]
