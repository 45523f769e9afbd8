"""A replaced key that somebody deactivated long ago is deleted after an announcement: it takes a slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.retirement.domain.retirement import Step
from lambdas.retirement.retirement_notifications import RetirementNotifications
from lambdas.rotation.domain.notification import Notification, NotificationKind
from tests.support.fail_over_scenarios import rotated
from tests.support.fakes import FakeTrail
from tests.support.rotation_runs import POLICY, UNUSED_FOR, Run, a_retirer
from tests.support.rotation_simulation import SECRET, RotationWorld

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = timedelta(days=1)
STEP = timedelta(hours=6)


@dataclass
class Days:
    """A person has deactivated the replaced key; the hourly function is seen every six hours."""

    world: RotationWorld = field(default_factory=rotated)
    sent: list[Notification] = field(default_factory=list)
    taken: list[tuple[timedelta, Step]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.world.now
        self.old = self.world.values["first"].key_id
        self.deactivate(self.world, self.old)

    def deactivate(self, world: RotationWorld, key: str) -> None:
        world.a_person_switches(key, on=False)

    def send(self, notification: Notification) -> None:
        self.sent.append(notification)

    def pass_days(self, days: int, *, missed: bool = False) -> None:
        reports = RetirementNotifications(
            trail=FakeTrail(),
            failed_callers=lambda _: (),
            notifications=self,
            policy=POLICY,
            clock=self.world.clock,
        )
        for _ in range(int(days * DAY / STEP)):
            self.world.now += STEP
            self.world.consume()
            if missed:
                self.world.use(self.old)
            for done in a_retirer(self.world).process(SECRET):
                self.taken.append((self.world.now - self.began, done.step))
                reports.send(done)

    def when(self, step: Step) -> list[timedelta]:
        return [passed for passed, taken in self.taken if taken is step]

    def reported(self) -> list[NotificationKind]:
        return list({one.notification_id: one.kind for one in self.sent}.values())


def test_a_key_that_a_person_deactivated_goes_after_a_notice_that_says_when_and_how_to_keep_it() -> None:
    days = Days()
    days.pass_days(40)
    (announced,), (deleted,) = days.when(Step.ANNOUNCE), days.when(Step.DELETE)
    assert UNUSED_FOR <= announced <= UNUSED_FOR + 2 * STEP
    assert deleted - announced == POLICY.until_deletion
    assert days.reported() == [NotificationKind.KEY_UNUSED, NotificationKind.KEY_DELETED]
    at = days.began + announced + POLICY.until_deletion
    facts = " ".join(days.sent[0].facts)
    assert f"It is deleted after {at:%Y-%m-%d %H:%M:%S} UTC. To keep it, reactivate it before then." in facts


def test_the_slot_that_it_took_is_free_for_the_next_rotation() -> None:
    days = Days()
    days.pass_days(3)
    run = Run(days.world)
    run.rotate("token-2")
    assert run.refusals, "both slots are taken"
    days.pass_days(40)
    run = Run(days.world)
    run.rotate("token-3")
    assert run.completed


def test_a_key_that_a_person_reactivates_after_the_announcement_is_left_alone() -> None:
    days = Days()
    days.pass_days(31)
    assert days.when(Step.ANNOUNCE)
    days.world.a_person_switches(days.old, on=True)
    days.pass_days(90)
    assert days.world.user_keys[days.old].active
    assert days.when(Step.DELETE) == []


def test_a_key_that_is_missed_is_kept_until_it_was_not_for_long_and_is_announced_again() -> None:
    days = Days()
    days.pass_days(31)
    days.pass_days(10, missed=True)
    assert days.when(Step.DELETE) == []
    days.pass_days(28)
    assert len(days.when(Step.ANNOUNCE)) == 1
    days.pass_days(6)
    assert len(days.when(Step.ANNOUNCE)) == 2
    assert len(days.when(Step.DELETE)) == 1


def test_a_key_of_ours_that_was_missed_once_goes_in_the_end_too() -> None:
    world = rotated()
    days = Days(world)
    days.world.a_person_switches(days.old, on=True)
    days.pass_days(2)
    assert days.when(Step.DEACTIVATE)
    days.pass_days(1, missed=True)
    days.pass_days(29)
    assert days.old in world.user_keys
    days.pass_days(6)
    assert days.old not in world.user_keys


def kills_the_new_key(world: RotationWorld) -> None:
    world.a_person_switches(world.current_key(), on=False)


def unbinds(world: RotationWorld) -> None:
    world.tags = {}


def stops(world: RotationWorld) -> None:
    world.kill_switch = True


@pytest.mark.parametrize("act", [kills_the_new_key, unbinds, stops])
def test_it_is_kept_while_its_successor_is_dead_or_nothing_may_be_changed(
    act: Callable[[RotationWorld], None],
) -> None:
    days = Days()
    act(days.world)
    days.pass_days(60)
    assert days.old in days.world.user_keys


def test_it_is_kept_for_longer_than_its_longest_pause() -> None:
    days = Days()
    days.world.known_pauses[days.old] = 40 * DAY
    days.pass_days(49)
    assert days.when(Step.ANNOUNCE) == []
    days.pass_days(4)
    assert days.old not in days.world.user_keys
