"""Exemptions: what they suppress, what they do not, and that their end is reported once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.detection.domain.signal_group import group_by_key
from lambdas.errors import TransientError
from lambdas.incidents.domain.reevaluation import REEVALUATED_AFTER
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.remediation.exemption_reports import SECONDS_FOR_A_REPORT, ExemptionReports
from tests.support.builders import (
    HOME,
    NOON,
    POLICY,
    a_caller,
    a_predicted_outage,
    a_signal,
    an_exemption,
    key_id,
)
from tests.support.fakes import FakeIam, World

if TYPE_CHECKING:
    from lambdas.alerting.domain.alert import Alert

KEY = key_id()
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
OFFICE = "network:203.0.113.0/24"
OUTSIDE = a_signal(caller=a_caller("198.51.100.1"))
EARLIER = NOON - timedelta(days=1)
OVER = NOON - timedelta(seconds=1)


def a_world(*names: str) -> World:
    world = World(iam=FakeIam(users={"alice": {KEY: "Inactive"}}))
    for name in names:
        world.exemptions.write(an_exemption(name))
    return world


def see(world: World, *signals) -> None:  # type: ignore[no-untyped-def] # noqa: ANN002
    for group in group_by_key(signals or [a_signal()]):
        world.remediator.remediate(group)


def transitions(world: World) -> list[object]:
    return [event["transition"] for event in world.bus.events]


def alerted_causes(world: World) -> list[str]:
    return [alert.attributes["cause"] for alert in world.topic.alerts]


@pytest.mark.parametrize("name", [f"key:{KEY}", "user:alice", "cause:key-inactive", OFFICE])
def test_an_exempt_failure_is_counted_and_an_event_but_no_alert(name: str) -> None:
    world = a_world(name)
    see(world)
    see(world)
    assert alerted_causes(world) == []
    assert [(event["decision"], event["guardrail"]) for event in world.bus.events] == [("suppress", "exempt")]
    assert world.incidents.open[KEY].count == 2
    assert name in world.incidents.findings[-1].decision.reason


def test_a_path_exempts_dead_keys_and_good_ones_that_are_rejected() -> None:
    for status, code in (("Inactive", "InvalidClientTokenId"), ("Active", "SignatureDoesNotMatch")):
        world = a_world("path:/ci/")
        world.iam = FakeIam(users={"alice": {KEY: status}}, paths={"alice": "/ci/nightly/"})
        see(world, a_signal(error_code=code))
        assert [event["guardrail"] for event in world.bus.events] == ["exempt"]


def test_a_path_exempts_the_key_of_a_user_that_is_gone_by_the_ledger() -> None:
    world = World(iam=FakeIam(users={"bob": {key_id(2): "Active"}}))
    world.ledger.merge_key(KeyEntry(access_key_id=KEY, owner_name=Observed(value="alice", at=EARLIER)))
    world.ledger.merge_user(
        UserEntry(
            name="alice",
            path=Observed(value="/ci/", at=EARLIER),
            deletions=(recorded(NOON - timedelta(minutes=1), "user/carol"),),
        )
    )
    world.exemptions.write(an_exemption("path:/ci/"))
    see(world)
    [event] = world.bus.events
    assert (event["cause"], event["guardrail"]) == ("user-deleted", "exempt")


def test_when_an_exemption_ends_while_calls_go_on_failing_the_next_one_alerts() -> None:
    world = a_world("user:alice")
    see(world)
    world.exemptions.write(an_exemption("user:alice", expires=NOON))
    world.incidents.now += REEVALUATED_AFTER
    see(world)
    see(world)
    assert alerted_causes(world) == ["key-inactive"]
    assert transitions(world) == ["opened", "decision-changed"]


def test_a_failure_too_soon_after_the_end_to_be_evaluated_is_alerted_by_the_timer() -> None:
    world = a_world("user:alice")
    see(world)
    world.exemptions.write(an_exemption("user:alice", expires=NOON))
    see(world)
    assert alerted_causes(world) == []
    world.incidents.now += REEVALUATED_AFTER
    process_due_incidents(world.remediator, lambda: 30)
    assert alerted_causes(world) == ["key-inactive"]
    assert transitions(world) == ["opened", "decision-changed"]


def goes_on_for_two_days(world: World) -> None:
    for _ in range(16):
        world.incidents.now += timedelta(hours=3)
        see(world, *[a_signal()] * 20)
        process_due_incidents(world.remediator, lambda: 30)


def is_quiet(world: World) -> None:
    world.incidents.now += POLICY.quiet
    process_due_incidents(world.remediator, lambda: 30)


def test_an_exemption_that_begins_after_the_first_alert_suppresses_updates_digests_and_the_closing() -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption("user:alice"))
    goes_on_for_two_days(world)
    is_quiet(world)
    assert alerted_causes(world) == ["key-inactive"]
    assert len(world.chat.messages) == 1
    assert transitions(world)[:2] == ["opened", "decision-changed"]
    assert transitions(world)[-1] == "closed"


def test_a_storm_of_an_alerted_then_exempt_key_is_evaluated_once_a_minute_and_once_a_caller() -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption(f"key:{KEY}"))
    world.iam.calls.clear()
    for second in range(600):
        world.incidents.now += timedelta(seconds=1)
        see(world, *[a_signal(caller=a_caller(f"198.51.100.{second // 100}"))] * 10)
        if second % 60 == 0:
            process_due_incidents(world.remediator, lambda: 30)
    assert world.iam.calls.count("ListAccessKeys") <= 10 + 7
    assert alerted_causes(world) == ["key-inactive"]


def test_one_exempt_caller_of_an_alerted_key_hides_no_other() -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption(OFFICE))
    world.incidents.now += timedelta(minutes=1)
    see(world, a_signal(caller=a_caller("203.0.113.8")))
    world.incidents.now += REEVALUATED_AFTER / 2
    see(world, OUTSIDE)
    assert [it["decision"] for it in world.bus.events] == ["notify", "suppress", "notify"]
    process_due_incidents(world.remediator, lambda: 30)
    assert "198.51.100.1" in world.topic.alerts[-1].body


def test_one_that_begins_right_before_the_end_suppresses_the_closing() -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption("user:alice"))
    is_quiet(world)
    assert alerted_causes(world) == ["key-inactive"]
    assert transitions(world) == ["opened", "closed"]


def switched_on(world: World) -> None:
    world.iam.users["alice"][KEY] = "Active"
    on = a_predicted_outage(at=world.incidents.now)
    world.incidents.now += timedelta(minutes=1)
    see(world, replace(on, predicted_outage=None, state_change=on.predicted_outage))


@pytest.mark.parametrize("name", [f"key:{KEY}", "user:alice", "cause:key-inactive", OFFICE])
def test_an_exemption_suppresses_the_reactivation_of_the_key_and_the_closing_after_it(
    name: str,
) -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption(name))
    world.incidents.now += timedelta(minutes=10)
    switched_on(world)
    is_quiet(world)
    assert alerted_causes(world) == ["key-inactive"]
    assert transitions(world) == ["opened", "key-reactivated", "closed"]


def test_the_reactivation_of_a_leaked_key_is_never_suppressed() -> None:
    world = a_world(f"key:{KEY}")
    world.iam.policies["alice"] = "AWSCompromisedKeyQuarantineV3"
    see(world)
    world.incidents.now += timedelta(minutes=10)
    switched_on(world)
    is_quiet(world)
    assert ["reactivated" in it.subject or "closed" in it.subject for it in world.topic.alerts] == [
        False,
        True,
        True,
    ]


def test_one_that_has_ended_by_then_does_not() -> None:
    world = a_world()
    see(world)
    world.exemptions.write(an_exemption("user:alice"))
    goes_on_for_two_days(world)
    world.exemptions.write(an_exemption("user:alice", expires=NOON))
    is_quiet(world)
    assert ["closed" in alert.subject for alert in world.topic.alerts] == [False, True]


def test_an_exemption_that_is_taken_away_exempts_no_longer() -> None:
    world = a_world("user:alice")
    see(world)
    world.exemptions.written.clear()
    world.incidents.now += REEVALUATED_AFTER
    see(world)
    assert alerted_causes(world) == ["key-inactive"]


def test_one_exempt_caller_hides_no_other() -> None:
    world = a_world(OFFICE)
    see(world)
    see(world, OUTSIDE)
    assert alerted_causes(world) == ["key-inactive"]


def test_nor_does_it_in_the_same_batch() -> None:
    world = a_world(OFFICE)
    see(world, a_signal(), a_signal(), OUTSIDE, a_signal())
    assert alerted_causes(world) == ["key-inactive"]


def test_a_network_suppresses_no_prediction() -> None:
    world = a_world(OFFICE)
    see(world, a_predicted_outage())
    assert alerted_causes(world) == ["deactivated-in-use"]


@pytest.mark.parametrize("name", [f"key:{KEY}", "user:alice", "account:123456789012", OFFICE])
def test_a_quarantined_key_is_never_hidden(name: str) -> None:
    world = a_world(name)
    world.iam.policies["alice"] = "AWSCompromisedKeyQuarantineV3"
    see(world)
    assert alerted_causes(world) == ["quarantined-key"]


@pytest.mark.parametrize("name", ["account:123456789012", "cause:malformed-key", OFFICE])
def test_a_secret_that_was_given_away_is_never_hidden(name: str) -> None:
    world = a_world(name)
    see(world, a_signal(SECRET))
    assert [alert.attributes["severity"] for alert in world.topic.alerts] == ["critical"]


def test_a_key_is_exempt_by_the_hash_under_which_incidents_keep_it() -> None:
    signal = a_signal("akia-no-such-key")
    world = a_world(f"key:{signal.incident_key}")
    see(world, signal)
    assert alerted_causes(world) == []


@pytest.mark.parametrize(
    "flawed",
    [
        an_exemption("user:alice", expires=OVER),
        an_exemption("user:alice", expires=None),
        an_exemption("user:alice", author=""),
        an_exemption("user:alice", reason=""),
        an_exemption("network:0.0.0.0/0"),
        an_exemption("everything:"),
    ],
)
def test_an_expired_or_invalid_exemption_suppresses_nothing(flawed: object) -> None:
    world = a_world()
    world.exemptions.write(flawed)  # type: ignore[arg-type]
    see(world)
    assert alerted_causes(world) == ["key-inactive"]


@pytest.mark.parametrize("error", [TransientError("dynamodb:exemptions: AccessDenied"), KeyError("x")])
def test_exemptions_that_cannot_be_read_suppress_no_alert_and_are_reported_to_operators(
    error: Exception,
) -> None:
    world = a_world("user:alice")
    world.exemptions.error = error
    see(world)
    assert alerted_causes(world) == ["key-inactive"]
    assert world.unread == [error]


class TimerRuns:
    """Of the alert timer, over one table."""

    def __init__(self) -> None:
        self.world = World()
        self.exemptions, self.topic, self.chat = self.world.exemptions, self.world.topic, self.world.chat
        self.now: datetime = NOON

    def run_timer(self, seconds_left: float = 40) -> list[Exception]:
        reports = ExemptionReports(
            exemptions=self.exemptions, delivery=self.world.delivery, deployment=HOME, clock=lambda: self.now
        )
        return reports.report_ended(lambda: seconds_left)

    @property
    def subjects(self) -> list[str]:
        return [alert.subject for alert in self.topic.alerts]


def test_the_end_of_an_exemption_is_reported_once() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("user:alice"))
    timer.run_timer()
    assert timer.subjects == []
    timer.now += timedelta(days=1)
    assert [timer.run_timer(), timer.run_timer()] == [[], []]
    assert timer.subjects == ["[low] exemption expired: user:alice"]


def test_one_that_is_renewed_is_reported_again_when_it_ends_again() -> None:
    timer = TimerRuns()
    for renewed in range(2):
        timer.exemptions.write(an_exemption("user:alice", expires=OVER + timedelta(days=renewed)))
        timer.now += timedelta(days=renewed)
        timer.run_timer()
        timer.run_timer()
    assert len(timer.subjects) == 2


def test_one_that_can_never_be_in_force_is_reported_at_once() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("team:payments"))
    timer.run_timer()
    timer.run_timer()
    assert timer.subjects == ["[low] exemption not in force: team[:]payments"]


def test_one_that_is_corrected_but_still_invalid_is_reported_again() -> None:
    timer = TimerRuns()
    for name in ("reason", "author"):
        timer.exemptions.write(an_exemption("user:alice", **{name: ""}))
        timer.run_timer()
        timer.run_timer()
    assert [
        f"its attribute {name} is" in alert.body
        for name, alert in zip(("reason", "author"), timer.topic.alerts, strict=True)
    ] == [True, True]


def test_one_that_is_renewed_while_it_is_reported_is_not_marked_as_reported() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("user:alice", expires=OVER))
    publish = timer.topic.publish

    def renewed_meanwhile(alert: Alert) -> None:
        timer.exemptions.write(an_exemption("user:alice"))
        publish(alert)

    timer.topic.publish = renewed_meanwhile  # type: ignore[method-assign]
    assert timer.run_timer() == []
    assert timer.exemptions.unreported() == (an_exemption("user:alice"),)
    assert timer.run_timer() == []
    assert timer.subjects == ["[low] exemption expired: user:alice"]


def test_one_that_another_run_is_reporting_is_left_to_it() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("user:alice", expires=OVER))
    timer.world.records.claimed.add(f"exemption:user:alice:{OVER}")
    assert timer.run_timer() == []
    assert timer.subjects == []


def test_a_report_that_fails_or_has_no_time_is_left_to_a_later_run() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("user:alice", expires=OVER))
    assert timer.run_timer(seconds_left=SECONDS_FOR_A_REPORT - 1) == []
    timer.topic.fails = True
    assert [str(failure) for failure in timer.run_timer()] == ["sns:Publish: Throttled"]
    timer.topic.fails = False
    assert timer.run_timer() == []
    assert timer.subjects == ["[low] exemption expired: user:alice"]


def test_a_chat_that_refuses_neither_delays_nor_repeats_the_alert() -> None:
    timer = TimerRuns()
    timer.exemptions.write(an_exemption("user:alice", expires=OVER))
    timer.chat.error = TransientError("sns:Publish: Throttled")
    for _ in range(3):
        assert timer.run_timer() == [timer.chat.error]
    timer.chat.error = None
    assert [timer.run_timer(), timer.run_timer()] == [[], []]
    assert timer.subjects == timer.chat.titles == ["[low] exemption expired: user:alice"]


def test_a_table_that_cannot_be_read_is_a_failure_of_the_run() -> None:
    timer = TimerRuns()
    timer.exemptions.error = TransientError("dynamodb:exemptions: AccessDenied")
    assert timer.run_timer() == [timer.exemptions.error]
