"""What is reported of a replaced key, hour by hour, while it is retired."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import Usage
from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG
from lambdas.retirement.retirement_notifications import RetirementNotifications
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.rotation.notification_messages import notification_body
from tests.support.builders import NOON, a_caller
from tests.support.fakes import FakeTrail
from tests.support.rotation_runs import POLICY, Run, a_retirer, a_rotator
from tests.support.rotation_simulation import SECRET, RotationWorld

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import Caller
    from lambdas.retirement.retirer import Retirer

HOUR = timedelta(hours=1)


@dataclass
class Hours:
    """A rotation whose old key an application may keep on using, and the hourly function."""

    reactivates: bool = False
    grace: timedelta = POLICY.grace
    world: RotationWorld = field(default_factory=RotationWorld)
    trail: FakeTrail = field(default_factory=FakeTrail)
    sent: list[Notification] = field(default_factory=list)
    callers: tuple[Caller, ...] = ()

    def __post_init__(self) -> None:
        self.old = self.world.a_person_creates(NOON - timedelta(days=200))
        self.world.put_current(self.old)
        run = Run(self.world)
        run.rotate("token-1")
        assert run.completed

    def send(self, notification: Notification) -> None:
        self.sent.append(notification)

    def retirer(self) -> Retirer:
        policy = replace(POLICY, reactivates=self.reactivates, grace=self.grace)
        return replace(a_retirer(self.world), policy=policy)

    def pass_hours(self, hours: int, *, used: bool = False, sends: bool = True) -> None:
        notifications = RetirementNotifications(
            trail=self.trail,
            failed_callers=lambda _: self.callers,
            notifications=self,
            policy=POLICY,
            clock=self.world.clock,
        )
        for _ in range(hours):
            self.world.now += HOUR
            self.world.consume()
            if used:
                self.world.use(self.old)
            for done in self.retirer().process(SECRET):
                if sends:
                    notifications.send(done)

    def reported(self) -> list[NotificationKind]:
        """As people are: each notification once."""
        return list({notification.notification_id: notification.kind for notification in self.sent}.values())

    def last(self) -> Notification:
        return self.sent[-1]


def test_a_retirement_is_reported_in_two_steps_once_each() -> None:
    hours = Hours()
    hours.pass_hours(24 + 48 + 12)
    assert hours.reported() == [NotificationKind.KEY_RETIRED, NotificationKind.KEY_DELETED]
    retired = hours.sent[0]
    assert (retired.access_key_id, retired.user_name) == (hours.old, "alice")
    until = retired.at + POLICY.until_deletion
    assert f"{until:%Y-%m-%d %H:%M:%S}" in retired.facts[-1]


def test_the_notice_of_a_deactivation_has_the_last_use_and_its_callers_and_promises_nothing() -> None:
    """AWS hardly ever records a call with an inactive key, so nothing is said to keep it from deletion."""
    hours = Hours()
    hours.world.use(hours.old)
    used_at = hours.world.now
    hours.trail.usages[hours.old] = (
        Usage(caller=a_caller(), service="s3", region="eu-west-1", calls=12, last_at=NOON - 30 * HOUR),
    )
    hours.pass_hours(26)
    retired = hours.sent[0]
    assert retired.kind is NotificationKind.KEY_RETIRED
    assert retired.facts[0].endswith(f"use: s3 in eu-west-1, {used_at:%Y-%m-%d %H:%M:%S} UTC.")
    assert retired.facts[1].startswith("Used it before: 203.0.113.7, Boto3")
    assert "unless" not in " ".join(retired.facts)
    assert "To keep it, reactivate it before then." in retired.facts[-1]


def test_a_key_of_a_user_that_is_no_longer_enrolled_is_reported_once() -> None:
    hours = Hours()
    hours.world.tags = {}
    hours.pass_hours(96)
    assert hours.reported() == [NotificationKind.KEY_LEFT]
    assert hours.last().reason == "the user is not enrolled"


def lose_a_key(hours: Hours, *, recorded: bool) -> str:
    """A second rotation dies after it has created a key."""
    world = hours.world
    world.a_person_deletes(hours.old)
    known = set(world.user_keys)
    world.label_pending("token-2")
    call = "put_pending" if recorded else "read"

    def crash(name: str, _args: object, _kwargs: object) -> None:
        if name == call and set(world.user_keys) != known:
            raise TransientError(f"{name}: Throttling")

    world.watchers.append(crash)
    with pytest.raises(TransientError):
        a_rotator(world).create_secret(SECRET, "token-2")
    world.watchers.remove(crash)
    return (set(world.user_keys) - known).pop()


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({}, "the user is not enrolled"),
        ({SECRET_TAG: "access-keys/alice-2", MODE_TAG: "auto"}, "the user names another secret"),
    ],
)
def test_a_key_that_a_broken_rotation_left_to_a_user_that_was_released_is_reported_once(
    tags: dict[str, str], why: str, *, recorded: bool
) -> None:
    hours = Hours()
    lost = lose_a_key(hours, recorded=recorded)
    hours.world.tags = tags
    hours.pass_hours(96)
    assert hours.reported() == [NotificationKind.KEY_LEFT]
    assert hours.last().access_key_id == lost
    assert hours.last().reason == f"{why}, and the rotation that created it was interrupted"
    assert hours.world.user_keys[lost].active


def test_a_key_in_use_is_reported_with_its_callers_once_a_day() -> None:
    hours = Hours()
    hours.trail.usages[hours.old] = (
        Usage(caller=a_caller(), service="s3", region="eu-west-1", calls=12, last_at=NOON + 30 * HOUR),
        Usage(
            caller=a_caller("198.51.100.9"), service="s3", region="eu-west-1", calls=9, last_at=NOON - HOUR
        ),
        Usage(
            caller=a_caller("192.0.2.7", user_agent=f"Boto3/1.43 {OWN_TEST_AGENT}"),
            service="sts",
            region="eu-west-1",
            calls=3,
            last_at=NOON + 30 * HOUR,
        ),
    )
    hours.pass_hours(24 * 3 + 12, used=True)
    assert set(hours.reported()) == {NotificationKind.KEY_WANTED}
    assert len(hours.reported()) <= 4
    facts = " ".join(hours.last().facts)
    assert "Last use: " in facts
    assert "Still uses it: 203.0.113.7, Boto3/1[.]43[.]106 Python/3[.]13[.]0: at least 12 calls" in facts
    assert "198.51.100.9" not in facts, "its last call was before the key was replaced"
    assert "192.0.2.7" not in facts, "it was our own test of the key"


def test_one_reminder_is_sent_a_day_however_short_the_grace_period() -> None:
    hours = Hours(grace=timedelta(minutes=1))
    hours.pass_hours(60, used=True)
    days = {notification.at.date() for notification in hours.sent}
    assert len(hours.sent) > 30
    assert len(hours.reported()) == len(days)


def test_a_history_that_does_not_answer_delays_no_reminder() -> None:
    hours = Hours()
    hours.trail.fails = True
    hours.pass_hours(30, used=True)
    assert hours.reported() == [NotificationKind.KEY_WANTED]
    assert "CloudTrail's event history could not be searched for callers." in hours.last().facts


def test_a_reactivated_key_is_reported_with_its_failed_callers() -> None:
    hours = Hours(reactivates=True, callers=(a_caller(),))
    hours.pass_hours(26)
    assert hours.reported() == [NotificationKind.KEY_RETIRED]
    hours.pass_hours(2, used=True)
    given_back = [
        notification for notification in hours.sent if notification.kind is NotificationKind.KEY_GIVEN_BACK
    ]
    assert given_back
    assert "Failed: 203.0.113.7, Boto3/1[.]43[.]106 Python/3[.]13[.]0." in given_back[0].facts
    assert hours.reported().count(NotificationKind.KEY_GIVEN_BACK) == 1


def test_a_key_that_a_guardrail_keeps_inactive_is_reported_once_with_the_guardrail() -> None:
    hours = Hours(reactivates=True, callers=(a_caller(),))
    hours.pass_hours(26)
    hours.world.policy = "AWSCompromisedKeyQuarantineV3"
    hours.pass_hours(5, used=True)
    assert hours.reported() == [NotificationKind.KEY_RETIRED, NotificationKind.KEY_KEPT_OFF]
    assert "AWSCompromisedKeyQuarantineV3" in hours.last().reason
    assert "Failed: 203.0.113.7, Boto3/1[.]43[.]106 Python/3[.]13[.]0." in hours.last().facts


@pytest.mark.parametrize(("reactivates", "kind"), [(False, "retired"), (True, "given-back")])
def test_what_an_interrupted_run_did_not_send_the_next_one_does(*, reactivates: bool, kind: str) -> None:
    hours = Hours(reactivates=reactivates)
    hours.pass_hours(25)
    hours.pass_hours(2, used=reactivates, sends=False)
    hours.pass_hours(1)
    assert f"key-{kind}" in hours.reported()


def test_a_key_that_a_person_deactivates_or_reactivates_is_not_reported() -> None:
    hours = Hours()
    hours.world.a_person_switches(hours.old, on=False)
    hours.pass_hours(24 + 48 + 12)
    assert hours.reported() == []


def test_no_notification_contains_a_secret() -> None:
    hours = Hours(reactivates=True)
    for _ in range(3):
        hours.pass_hours(30)
        hours.pass_hours(30, used=True)
    secrets = [key.secret for key in (*hours.world.user_keys.values(), *hours.world.gone.values())]
    bodies = " ".join(map(notification_body, hours.sent))
    assert bodies
    assert [secret for secret in secrets if secret in bodies] == []
