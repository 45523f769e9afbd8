"""When updates are due, as a table; and that none is sent too often or stays pending."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.decisions.domain.guardrails import Action
from lambdas.incidents.domain.incident import Incident, ReportedState, RotationEnd, UpdateKind
from lambdas.incidents.domain.outbox import LIMIT, Channel, Outbox
from lambdas.incidents.domain.update_policy import (
    PendingUpdate,
    all_reported,
    digest_is_due,
    due_update,
    next_follow_up,
    pending_update,
    update_reported,
)
from tests.support.builders import NOON, POLICY, a_caller, a_predicted_outage, an_assessment, an_incident

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = a_caller(source="198.51.100.2")


def an_alerted_incident(**changes: object) -> Incident:
    """One call from one caller in one region, alerted at noon."""
    incident = an_incident(
        regions=("eu-central-1",),
        alerted=an_assessment(),
        latest=an_assessment(),
        open_until=NOON + POLICY.quiet,
    )
    reported = replace(all_reported(incident), alert_at=NOON, alert_count=1)
    return replace(replace(incident, reported=reported), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, ()),
        ({"count": 9}, ()),
        ({"count": 10}, (UpdateKind.COUNT_PASSED,)),
        ({"callers": (a_caller(), SECOND)}, (UpdateKind.NEW_CALLER,)),
        ({"regions": ("eu-central-1", "us-east-1")}, (UpdateKind.NEW_REGION,)),
        (
            {"count": 1000, "callers": (SECOND,), "regions": ("us-east-1",)},
            (UpdateKind.NEW_CALLER, UpdateKind.NEW_REGION, UpdateKind.COUNT_PASSED),
        ),
        ({"count": 10, "signal": a_predicted_outage()}, ()),
        ({"count": 10, "latest": None}, ()),
    ],
)
def test_what_was_not_reported_yet_is_due_at_once(
    changes: dict[str, object], kinds: tuple[UpdateKind, ...]
) -> None:
    assert due_update(an_alerted_incident(**changes), POLICY, NOON).kinds == kinds


TOLD_CALLER = {UpdateKind.NEW_CALLER: NOON}
TOLD_BOTH = {UpdateKind.NEW_CALLER: NOON, UpdateKind.COUNT_PASSED: NOON + MINUTE}


@pytest.mark.parametrize(
    ("kinds", "after", "expected"),
    [
        (
            TOLD_CALLER,
            59 * MINUTE,
            (),
        ),  # delayed; the count, which is not, waits a minute to be reported with it
        (TOLD_CALLER, 50 * MINUTE, (UpdateKind.COUNT_PASSED,)),
        (TOLD_CALLER, HOUR, (UpdateKind.NEW_CALLER, UpdateKind.COUNT_PASSED)),
        (TOLD_BOTH, 50 * MINUTE, ()),
        (TOLD_BOTH, HOUR, ()),
        (TOLD_BOTH, HOUR + MINUTE, (UpdateKind.NEW_CALLER, UpdateKind.COUNT_PASSED)),
    ],
)
def test_delayed_updates_are_reported_together_when_they_are_due(
    kinds: dict[UpdateKind, datetime], after: timedelta, expected: tuple[UpdateKind, ...]
) -> None:
    incident = an_alerted_incident(count=10, callers=(a_caller(), SECOND))
    held = replace(incident, reported=replace(incident.reported, updated_at=kinds))
    assert due_update(held, POLICY, NOON + after).kinds == expected


@pytest.mark.parametrize(
    ("count", "after", "expected"),
    [(2, timedelta(hours=23), False), (2, timedelta(days=1), True), (1, timedelta(days=3), False)],
)
def test_a_digest_is_due_a_day_after_the_last_alert_if_calls_have_failed_since(
    count: int, after: timedelta, expected: bool
) -> None:
    assert digest_is_due(an_alerted_incident(count=count), POLICY, NOON + after) is expected


BOTH = (a_caller(), SECOND)
TOLD_BOTH_CALLERS = replace(an_alerted_incident().reported, callers=frozenset(BOTH))
ON_AN_HOUR_AGO = ReportedState(updated_at={UpdateKind.NEW_CALLER: NOON - HOUR + MINUTE}, alert_at=NOON)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, POLICY.quiet),
        ({"open_until": NOON + 3 * timedelta(days=1)}, POLICY.digest),
        ({"reported": ON_AN_HOUR_AGO}, MINUTE),
        ({"recheck_at": NOON + 15 * MINUTE}, 15 * MINUTE),
        ({"recheck_at": NOON + 15 * MINUTE, "rechecked": True}, POLICY.quiet),
        ({"alerted": None}, MINUTE),
        ({"alerted": an_assessment(action=Action.ROTATE)}, POLICY.check),
        ({"rotation": RotationEnd(succeeded=True, at=NOON)}, POLICY.check),
        (
            {
                "rotation": RotationEnd(succeeded=True, at=NOON),
                "callers": BOTH,
                "reported": TOLD_BOTH_CALLERS,
            },
            POLICY.quiet,
        ),
        (
            {
                "rotation": RotationEnd(succeeded=False, at=NOON),
                "alerted": an_assessment(action=Action.ROTATE),
            },
            POLICY.quiet,
        ),
        ({"outbox": Outbox({Channel.EVENTS: ({},)})}, timedelta(0)),
        ({"open_until": NOON - MINUTE}, timedelta(0)),
        ({"closed": True}, timedelta(0)),
        ({"closed": True, "closing_reported": True}, None),
        ({"closed": True, "closing_reported": True, "outbox": Outbox({Channel.EVENTS: ({},)})}, timedelta(0)),
    ],
)
def test_the_timer_looks_again_at_the_first_moment_at_which_something_may_be_due(
    changes: dict[str, object], expected: timedelta | None
) -> None:
    looked = next_follow_up(an_alerted_incident(**changes), POLICY, NOON)
    assert looked == (None if expected is None else NOON + expected)


def test_a_full_outbox_keeps_what_came_first_and_what_came_last() -> None:
    outbox = Outbox()
    for number in range(LIMIT + 5):
        outbox = outbox.with_last(Channel.CHAT, {"number": number})
    assert [message["number"] for message in outbox.of(Channel.CHAT)] == [*range(LIMIT - 1), LIMIT + 4]


calls_over_time = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=7200),  # seconds since the one before
        st.integers(min_value=0, max_value=300),  # calls
        st.integers(min_value=0, max_value=19),  # the caller
        st.integers(min_value=0, max_value=5),  # the region
    ),
    max_size=40,
)


class Play:
    """An incident with more and more calls, reported as a worker and the timer do."""

    def __init__(self) -> None:
        self.incident, self.now = an_alerted_incident(), NOON
        self.incident = replace(self.incident, open_until=NOON + timedelta(days=365))
        self.updates: list[tuple[datetime, PendingUpdate]] = []

    def report(self) -> None:
        update = due_update(self.incident, POLICY, self.now)
        if update.kinds:
            self.updates.append((self.now, update))
            reported = replace(update_reported(self.incident, update, self.now), alert_at=self.now)
            self.incident = replace(self.incident, reported=reported)
        self.due_at = next_follow_up(self.incident, POLICY, self.now)

    def happen(self, calls: int, caller: int, region: int) -> None:
        callers = dict.fromkeys((*self.incident.callers, a_caller(source=f"198.51.100.{caller}")))
        regions = dict.fromkeys((*self.incident.regions, f"region-{region}"))
        self.incident = replace(
            self.incident,
            count=self.incident.count + calls,
            callers=tuple(callers),
            regions=tuple(regions),
        )

    def let_pass(self, until: datetime) -> None:
        while self.due_at is not None and self.due_at <= until:
            assert self.due_at > self.now, "the timer stands still"
            self.now = self.due_at
            self.report()
        self.now = until


def played(happened: list[tuple[int, int, int, int]]) -> Play:
    play = Play()
    play.report()
    for seconds, calls, caller, region in happened:
        play.let_pass(play.now + timedelta(seconds=seconds))
        play.happen(calls, caller, region)
        if due_update(play.incident, POLICY, play.now).kinds:  # a repeat without an update moves no timer
            play.report()
    return play


@given(calls_over_time)
def test_no_kind_of_update_is_sent_twice_within_an_hour(happened: list[tuple[int, int, int, int]]) -> None:
    updates = played(happened).updates
    for kind in UpdateKind:
        at = [moment for moment, update in updates if kind in update.kinds]
        assert all(later - earlier >= POLICY.update for earlier, later in itertools.pairwise(at))


@given(calls_over_time)
def test_no_update_is_pending_for_more_than_an_hour_and_a_quarter(
    happened: list[tuple[int, int, int, int]],
) -> None:
    play = played(happened)
    play.let_pass(play.now + POLICY.update * 5 / 4)
    assert pending_update(play.incident, POLICY).kinds == ()


@given(calls_over_time)
def test_each_change_is_reported_once(happened: list[tuple[int, int, int, int]]) -> None:
    play = played(happened)
    play.let_pass(play.now + 2 * POLICY.update)
    callers = [caller for _, update in play.updates for caller in update.callers]
    regions = [region for _, update in play.updates for region in update.regions]
    passed = [update.passed for _, update in play.updates if update.passed]
    assert len(set(callers)) == len(callers) == len(play.incident.callers) - 1
    assert len(set(regions)) == len(regions) == len(play.incident.regions) - 1
    assert passed == sorted(set(passed))


@given(calls_over_time)
def test_a_storm_of_minutes_is_six_alerts_at_most(happened: list[tuple[int, int, int, int]]) -> None:
    play = played([(it[0] % 8 + 1, *it[1:]) for it in happened])
    play.let_pass(play.now + 2 * POLICY.update)
    assert 1 + len(play.updates) + 1 <= 6, "the first, the update, the closing"
