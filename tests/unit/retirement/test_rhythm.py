"""A replaced key is deactivated only after a pause longer than any known one between two of its uses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from lambdas.aws.domain.iam import LastUse
from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import GRACE_TAG, QUIET_TAG
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.retirement.domain.retirement import RetirementFacts, Step, expected_pause
from lambdas.retirement.known_pauses import KnownPauses
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeLedger, FakeTrail
from tests.support.rotation_runs import POLICY, Run, a_retirer
from tests.support.rotation_simulation import SECRET, RotationWorld

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK_OF_QUIET = replace(POLICY, quiet=7 * DAY)
A_FEW_HOURS = replace(POLICY, quiet=6 * HOUR)


def as_iam_reports(at: datetime) -> datetime:
    """Rounded down to a quarter of an hour."""
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


@dataclass
class Consumers:
    """One moved to the new key at once; another uses the old one, first `first_use` after the rotation, then
    again after each `pause`, at its times a little earlier or later.
    """

    pause: timedelta
    policy_quiet: timedelta = WEEK_OF_QUIET.quiet
    first_use: timedelta = 5 * HOUR
    jitter: timedelta = 40 * timedelta(minutes=1)
    world: RotationWorld = field(default_factory=RotationWorld)
    taken: list[tuple[timedelta, Step]] = field(default_factory=list)
    missed: int = 0

    def __post_init__(self) -> None:
        self.old = self.world.a_person_creates(NOON - 200 * DAY)
        self.world.put_current(self.old)
        self.world.user_keys[self.old].last_use = as_iam_reports(NOON + self.first_use - self.pause)
        run = Run(self.world)
        run.rotate("token-1")
        assert run.completed

    def live(self, days: int, *, stops_after: timedelta = timedelta.max) -> None:
        number = 0
        for hour in range(1, days * 24 + 1):
            late = self.jitter if number % 2 else timedelta()
            due = NOON + self.first_use + number * self.pause + late
            if due <= NOON + hour * HOUR and due - NOON < stops_after:
                self.world.now = due
                self.missed += not self.world.user_keys[self.old].active
                self._use(self.old)
                number += 1
            self.world.now = NOON + hour * HOUR
            self._use(self.world.current_key())
            policy = replace(POLICY, quiet=self.policy_quiet)
            done = replace(a_retirer(self.world), policy=policy).process(SECRET)
            self.taken += [(self.world.now - NOON, one.step) for one in done]

    def _use(self, access_key_id: str) -> None:
        self.world.use(access_key_id)
        key = self.world.user_keys.get(access_key_id)
        if key and key.last_use:
            key.last_use = as_iam_reports(key.last_use)

    def days_with(self, step: Step) -> set[int]:
        return {passed.days for passed, taken in self.taken if taken is step}

    @property
    def is_active(self) -> bool:
        return self.old in self.world.user_keys and self.world.user_keys[self.old].active


@pytest.mark.parametrize("policy", [WEEK_OF_QUIET, A_FEW_HOURS], ids=["default", "short"])
@pytest.mark.parametrize("pause", [12 * HOUR, 24 * HOUR], ids=["twice a day", "nightly"])
def test_a_key_that_is_used_once_or_twice_a_day_stays_and_is_reminded_of_daily(
    pause: timedelta, policy: object
) -> None:
    quiet = WEEK_OF_QUIET.quiet if policy is WEEK_OF_QUIET else A_FEW_HOURS.quiet
    consumers = Consumers(pause, policy_quiet=quiet)
    if policy is A_FEW_HOURS:
        consumers.world.known_pauses[consumers.old] = pause
    consumers.live(30)
    assert consumers.is_active
    assert consumers.missed == 0
    assert consumers.days_with(Step.REMIND) >= set(range(2, 29))


@pytest.mark.parametrize("days_to_first_use", [1, 3, 6])
def test_a_weekly_key_stays_and_is_reminded_of_daily_once_it_was_used_again(days_to_first_use: int) -> None:
    consumers = Consumers(7 * DAY, first_use=days_to_first_use * DAY)
    consumers.world.known_pauses[consumers.old] = 7 * DAY
    consumers.live(60)
    assert consumers.is_active
    assert consumers.missed == 0
    assert consumers.days_with(Step.REMIND) >= set(range(days_to_first_use + 1, 59))


def test_a_weekly_key_whose_rhythm_nothing_shows_but_the_readings_since_the_rotation_stays() -> None:
    consumers = Consumers(7 * DAY, first_use=3 * DAY)
    consumers.live(60)
    assert (consumers.is_active, consumers.missed) == (True, 0)


@pytest.mark.parametrize("jitter", [timedelta(), 36 * HOUR], ids=["punctual", "late"])
def test_a_weekly_key_of_which_no_pause_is_known_stays_under_the_default(jitter: timedelta) -> None:
    """IAM reports its last use 14 minutes too early, and a run comes right before the next one."""
    consumers = Consumers(7 * DAY, first_use=-timedelta(hours=1, minutes=46), jitter=jitter)
    consumers.live(60)
    assert (consumers.is_active, consumers.missed) == (True, 0)


def test_a_monthly_key_stays_if_its_earlier_uses_are_known() -> None:
    consumers = Consumers(30 * DAY, first_use=20 * DAY)
    consumers.world.known_pauses[consumers.old] = 30 * DAY
    consumers.live(120)
    assert (consumers.is_active, consumers.missed) == (True, 0)


def test_a_key_whose_consumers_have_moved_goes_after_its_quiet_time_without_a_reminder() -> None:
    consumers = Consumers(HOUR, first_use=-2 * HOUR, jitter=timedelta())
    consumers.live(12, stops_after=-2 * HOUR)
    (deactivated,) = (passed for passed, step in consumers.taken if step is Step.DEACTIVATE)
    assert 8 * DAY < deactivated <= 9 * DAY
    assert consumers.days_with(Step.REMIND) == set()


def test_a_consumer_that_moves_some_hours_late_is_reminded_of_once() -> None:
    consumers = Consumers(HOUR, jitter=timedelta())
    consumers.live(12, stops_after=8 * HOUR)
    reminders = [passed for passed, step in consumers.taken if step is Step.REMIND]
    assert reminders == [DAY + HOUR]
    assert Step.DEACTIVATE in {step for _, step in consumers.taken}


def test_a_consumer_that_stops_after_weeks_keeps_the_key_for_its_longest_pause_and_a_quarter() -> None:
    consumers = Consumers(12 * DAY, first_use=3 * DAY, jitter=timedelta())
    consumers.world.known_pauses[consumers.old] = 12 * DAY
    consumers.live(60, stops_after=20 * DAY)
    (deactivated,) = (passed for passed, step in consumers.taken if step is Step.DEACTIVATE)
    assert 15 * DAY + 15 * DAY <= deactivated <= 15 * DAY + 15 * DAY + 2 * HOUR


def test_a_history_that_cannot_be_read_delays_the_deactivation() -> None:
    consumers = Consumers(HOUR, first_use=-2 * HOUR, jitter=timedelta())

    def fails(_key: str, _use: LastUse | None) -> timedelta:
        raise TransientError("cloudtrail:LookupEvents: AccessDenied")

    consumers.live(6, stops_after=-2 * HOUR)
    retirer = a_retirer(consumers.world)
    retirer = replace(retirer, policy=WEEK_OF_QUIET, facts=replace(retirer.facts, known_pause=fails))
    consumers.world.now = NOON + 9 * DAY
    consumers.world.consume()
    with pytest.raises(TransientError):
        retirer.process(SECRET)
    assert consumers.is_active


@pytest.mark.parametrize(("minutes", "expected"), [(15, 0), (16, 20)])
def test_a_pause_that_is_shorter_than_iam_can_report_says_nothing(minutes: int, expected: int) -> None:
    facts = RetirementFacts(
        listed=None,
        last_use=None,
        successor_use=None,
        is_named=False,
        longest_pause=timedelta(minutes=minutes),
    )
    assert expected_pause(facts) == timedelta(minutes=expected)


# What is known of earlier uses


KEY = key_id()
USE = LastUse(at=NOON, service="s3", region="eu-west-1")


def known(ledger: KeyEntry | None, *calls: timedelta) -> timedelta:
    trail = FakeTrail(times={KEY: tuple(NOON - ago for ago in calls)})
    pauses = KnownPauses(ledger=FakeLedger(entries={KEY: ledger} if ledger else {}), trail=trail)
    return pauses.longest_of(KEY, USE)


def test_the_longest_pause_is_that_of_the_ledger_or_of_cloudtrail() -> None:
    weekly = KeyEntry(access_key_id=KEY, longest_pause_seconds=604_800)
    assert known(None) == timedelta()
    assert known(weekly) == 7 * DAY
    assert known(weekly, DAY, 3 * DAY) == 7 * DAY
    assert known(weekly, DAY, 31 * DAY, 2 * DAY) == 29 * DAY
    assert known(None, DAY) == timedelta()


# A user's own terms


def deactivated_after(tags: dict[str, str], *, quarantined: bool = False) -> timedelta | None:
    consumers = Consumers(HOUR, policy_quiet=A_FEW_HOURS.quiet, first_use=-2 * HOUR, jitter=timedelta())
    consumers.world.tags |= tags
    consumers.world.policy = "AWSCompromisedKeyQuarantineV3" if quarantined else ""
    consumers.live(12, stops_after=-2 * HOUR)
    found = [passed for passed, step in consumers.taken if step is Step.DEACTIVATE]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, DAY),
        ({GRACE_TAG: "259200"}, 3 * DAY),
        ({QUIET_TAG: "345600"}, 5 * DAY - 3 * HOUR),
        ({GRACE_TAG: "60", QUIET_TAG: "60"}, DAY),
        ({GRACE_TAG: "3 days", QUIET_TAG: "-1"}, DAY),
        ({GRACE_TAG: "999999999"}, None),
    ],
    ids=["none", "longer grace", "longer quiet time", "shorter", "no numbers", "for ever"],
)
def test_a_users_tags_lengthen_its_terms_and_never_shorten_them(
    tags: dict[str, str], expected: timedelta | None
) -> None:
    found = deactivated_after(tags)
    if expected is None or found is None:
        assert found == expected
    else:
        assert expected <= found <= expected + HOUR


def test_no_tag_keeps_a_key_of_a_quarantined_user_for_longer() -> None:
    tags = {GRACE_TAG: "864000", QUIET_TAG: "864000"}
    assert deactivated_after(tags, quarantined=True) == DAY + HOUR
