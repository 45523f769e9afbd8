"""A week of incidents of different kinds, with the exact alerts, as a table.

UPDATE_GOLDEN=1 rewrites the table; review the diff.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.incidents.domain.incident import RotationEnd
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from tests.support.builders import LAST_USE, a_change, key_id
from tests.support.paths import GOLDEN
from tests.support.week import DAY, HOUR, MONDAY, Key, Week, refuses

TABLE = GOLDEN / "simulated_week.md"
BY_AUTOMATION = replace(a_change("UpdateAccessKey", status="Inactive"), by="assumed-role/Containment/x")
UNLISTED = "no message that is known"
NEW_KEY = key_id(99)


def steady_ones(week: Week) -> None:
    week.story("hourly-cron").fails(*range(0, 7 * DAY, HOUR))
    week.story("fails-once").fails(9 * HOUR)
    week.story("nightly-job").fails(*range(2 * HOUR, 3 * DAY, DAY))
    week.story("hundred-a-minute-for-two-days").fails(*range(DAY, 3 * DAY), calls=100)
    around_quiet = week.story("around-the-quiet-period")
    around_quiet.fails(0, 5 * HOUR + 59, 12 * HOUR, 12 * HOUR + 1, 18 * HOUR + 2)


def growing_ones(week: Week) -> None:
    storm = week.story("storm")
    for number in range(100):
        storm.fails(
            10 * HOUR + number // 20,
            calls=20,
            source=f"198.51.100.{number // 5}",
            region=("eu-central-1", "us-east-1", "eu-west-1")[number // 40],
        )
    two = week.story("second-caller")
    two.fails(*range(9 * HOUR, 21 * HOUR, 120))
    two.fails(*range(12 * HOUR, 21 * HOUR, 120), source="198.51.100.9")
    spreading = week.story("spreading-over-regions")
    for number, region in enumerate(("eu-central-1", "us-east-1", "us-west-2", "sa-east-1")):
        spreading.fails(9 * HOUR + 25 * number, region=region)


def changed_ones(week: Week) -> None:
    on = week.story("reactivated")
    on.fails(*range(8 * HOUR, 9 * HOUR, 10))
    on.becomes("Active", 9 * HOUR, by="user/alice")
    gone = week.story("deleted-meanwhile")
    gone.fails(*range(8 * HOUR, 12 * HOUR, 20))
    gone.becomes("Deleted", 10 * HOUR)
    week.at(10 * HOUR, lambda: tell_deletion(week, gone))
    unknown = week.story("unknown-then-known", status="")
    week.world.iam.users[unknown.user] = {}
    unknown.fails(8 * HOUR)
    week.at(8 * HOUR + 5, lambda: tell_deletion(week, unknown))
    week.story("stays-unknown", status="").fails(8 * HOUR, 10 * HOUR)


def tell_deletion(week: Week, key: Key) -> None:
    change = a_change("DeleteAccessKey", user_name=key.user)
    week.world.trail.histories[key.key_id] = (replace(change, at=week.now),)


def silent_ones(week: Week) -> None:
    healthy = week.story("healthy-all-week", status="Active")
    healthy.fails(*range(9 * HOUR, 2 * DAY, 5), error_message=UNLISTED)
    later = week.story("healthy-then-dead", status="Active")
    later.fails(*range(9 * HOUR, 11 * HOUR, 5), error_message=UNLISTED)
    later.becomes("Inactive", 10 * HOUR)


def predictions(week: Week) -> None:
    failing = week.story("predicted-and-failing")
    failing.is_predicted(9 * HOUR)
    failing.fails(*range(10 * HOUR, 12 * HOUR, 15))
    week.story("predicted-and-nothing-fails").is_predicted(9 * HOUR)
    undone = week.story("predicted-and-undone")
    undone.is_predicted(9 * HOUR)
    undone.becomes("Active", 11 * HOUR, by="user/alice")


def enrolled(week: Week, title: str) -> Key:
    key, world, secret = week.story(title), week.world, f"access-keys/{title}"
    world.iam.tags[title] = {SECRET_TAG: secret, MODE_TAG: "auto"}
    world.rotation.tags[secret] = {USER_ID_TAG: f"AIDA{title}"}
    return key


def rotated_ones(week: Week) -> None:
    rotated = enrolled(week, "rotated")
    week.world.trail.histories[rotated.key_id] = (BY_AUTOMATION,)
    rotated.fails(*range(9 * HOUR, 9 * HOUR + 30, 5))
    week.at(9 * HOUR + 3, lambda: record_rotation(week, rotated, minute=9 * HOUR + 3))
    asked = enrolled(week, "approval-asked-before-the-record-came")
    asked.fails(9 * HOUR, 9 * HOUR + 1)
    week.at(9 * HOUR + 9, lambda: week.world.trail.histories.update({asked.key_id: (BY_AUTOMATION,)}))
    asked.is_predicted(9 * HOUR + 10, at=9 * HOUR - 1)


def record_rotation(week: Week, key: Key, minute: int) -> None:
    """What the rotation left: its end on the incident, and a new key that is used forty minutes later."""
    incidents = week.world.incidents
    incident = incidents.open[key.key_id]
    end = RotationEnd(succeeded=True, at=MONDAY + timedelta(minutes=minute), new_key=NEW_KEY)
    incidents.items[incident.ref] = replace(incident, rotation=end)
    week.world.iam.users[key.user][NEW_KEY] = "Active"
    used = replace(LAST_USE, at=MONDAY + timedelta(minutes=minute + 40))
    week.at(minute + 40, lambda: week.world.iam.last_uses.update({NEW_KEY: used}))


def troubled_ones(week: Week) -> None:
    """On Friday from ten to noon the topic takes nothing, and from ten to eleven neither does the bus; chat
    is down on Monday from nine to eleven, when most incidents begin.
    """
    refuses(week, 9 * HOUR, 11 * HOUR, "chat")
    refuses(week, 4 * DAY + 10 * HOUR, 4 * DAY + 12 * HOUR, "topic")
    refuses(week, 4 * DAY + 10 * HOUR, 4 * DAY + 11 * HOUR, "bus")
    during = week.story("opens-while-the-topic-is-down")
    during.fails(*range(4 * DAY + 10 * HOUR + 30, 4 * DAY + 13 * HOUR, 10), calls=3)
    during.fails(4 * DAY + 11 * HOUR, source="198.51.100.9")
    ends = week.story("ends-while-the-topic-is-down")
    ends.fails(4 * DAY + 5 * HOUR)


@pytest.fixture(scope="module")
def week() -> Week:
    week = Week()
    stories = (
        steady_ones,
        growing_ones,
        changed_ones,
        silent_ones,
        predictions,
        rotated_ones,
        troubled_ones,
    )
    for add in stories:
        add(week)
    week.play(days=22)
    return week


def test_the_alerts_of_the_week_are_those_of_the_table(week: Week) -> None:
    table = f"# Alerts of a week\n\n{week.table()}"
    if os.environ.get("UPDATE_GOLDEN"):
        TABLE.write_text(table)
    assert table == TABLE.read_text()


def test_there_are_twenty_incidents_of_different_temper(week: Week) -> None:
    assert len(week.stories) >= 20


def test_no_incident_is_left_with_anything_to_report(week: Week) -> None:
    assert all(incident.closing_reported for incident in week.world.incidents.items.values())
    assert all(incident.outbox.is_empty for incident in week.world.incidents.items.values())
    assert week.world.incidents.due_at == {}


def test_every_incident_opens_and_closes_with_one_event_each(week: Week) -> None:
    opened = [event["incidentId"] for event in week.world.bus.events if event["transition"] == "opened"]
    closed = [event["incidentId"] for event in week.world.bus.events if event["transition"] == "closed"]
    assert sorted(map(str, opened)) == sorted(map(str, closed))
    assert len(set(opened)) == len(opened) == len(week.world.incidents.items)


def test_chat_gets_every_alert_each_incident_in_a_thread_of_its_own_though_it_is_down_for_two_hours(
    week: Week,
) -> None:
    read = zip(week.world.chat.threads, week.world.chat.titles, strict=True)
    titles: dict[str, list[str]] = {}
    for thread, title in read:
        titles.setdefault(thread, []).append(title)
    expected: dict[str, list[str]] = {}
    for incident in week.world.incidents.items.values():
        alerts = [alert for _, alert in week.received if incident.incident_id in alert.body]
        messages: list[Any] = [compose_chat_message(it, thread=incident.incident_id) for it in alerts]
        if messages:
            thread = messages[0]["metadata"]["threadId"]
            expected[thread] = [message["content"]["title"] for message in messages]
    assert titles == expected
    assert sum(map(len, titles.values())) == len(week.received)


def test_a_storm_of_two_thousand_calls_from_twenty_callers_in_three_regions_is_six_alerts_at_most(
    week: Week,
) -> None:
    assert len(week.alerts_of("storm")) <= 6
    [incident] = [it for ref, it in week.world.incidents.items.items() if ref.key == week.stories["storm"]]
    assert (incident.count, len(incident.callers), len(incident.regions)) == (2000, 20, 3)


def test_a_healthy_key_costs_one_write_a_batch_but_for_an_evaluation_a_minute() -> None:
    week = Week()
    key = week.story("healthy", status="Active")
    key.fails(*[0] * 50, error_message=UNLISTED)
    week.play(days=1)
    assert week.world.iam.calls.count("ListAccessKeys") <= 2
