"""A managed secret that somebody deleted, from hour to hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.retirement.deleted_secrets import DeletedSecrets
from lambdas.rotation.domain.notification import NotificationKind
from lambdas.rotation.ports import SecretGoneError
from tests.support.fail_over_scenarios import rotated
from tests.support.rotation_runs import a_retirer, a_rotator
from tests.support.rotation_simulation import SECRET, Crash, Mode

if TYPE_CHECKING:
    from lambdas.rotation.domain.notification import Notification
    from tests.support.rotation_simulation import RotationWorld

HOUR = timedelta(hours=1)


@dataclass
class Hours:
    world: RotationWorld = field(default_factory=rotated)
    sent: list[Notification] = field(default_factory=list)

    def send(self, notification: Notification) -> None:
        self.sent.append(notification)

    def pass_hours(self, hours: int) -> None:
        world = self.world
        for _ in range(hours):
            world.now += HOUR
            try:
                a_retirer(world).process(SECRET)
            except SecretGoneError:
                DeletedSecrets(rotations=world, keys=world, notifications=self, clock=world.clock).report(
                    SECRET
                )

    def reported(self) -> list[Notification]:
        """As people are: each notification once."""
        return list({notification.notification_id: notification for notification in self.sent}.values())


def is_gone(call: str, _args: object, _kwargs: object) -> None:
    if call == "describe_secret":
        raise SecretGoneError("there is no such secret")


@pytest.mark.parametrize("by", ["deletion", "its schedule"])
def test_a_deleted_secret_is_reported_once_with_its_active_keys(by: str) -> None:
    hours = Hours()
    if by == "deletion":
        hours.world.watchers.append(is_gone)
    else:
        hours.world.is_being_deleted = True
    hours.pass_hours(72)
    (notification,) = hours.reported()
    assert notification.kind is NotificationKind.SECRET_GONE
    assert notification.facts == tuple(f"{key} is active." for key in hours.world.user_keys)
    assert len(hours.sent) <= 25, "an interrupted run is caught up in a day"


def test_a_restored_secret_is_processed_and_its_next_deletion_is_reported_again() -> None:
    hours = Hours()
    hours.world.is_being_deleted = True
    hours.pass_hours(3)
    hours.world.is_being_deleted = False
    hours.pass_hours(3)
    assert hours.world.states[SECRET].deleted_at is None
    hours.world.is_being_deleted = True
    hours.pass_hours(3)
    assert len(hours.reported()) == 2


def test_a_key_that_a_broken_rotation_did_not_record_is_named_when_its_secret_is_deleted() -> None:
    world = rotated()
    world.a_person_deletes(world.values["first"].key_id)
    world.label_pending("token-2")
    world.inject = (len(world.calls) + calls_until_creation(), Mode.DIES_AFTER)
    with pytest.raises(Crash):
        a_rotator(world).create_secret(SECRET, "token-2")
    lost = next(key for key in world.user_keys if key != world.current_key())
    hours = Hours(world)
    world.is_being_deleted = True
    hours.pass_hours(3)
    assert hours.reported()[0].facts == (
        f"{world.current_key()} is active.",
        f"{lost} is active. It was created after a rotation of this secret had begun.",
    )


def calls_until_creation() -> int:
    world = rotated()
    world.a_person_deletes(world.values["first"].key_id)
    world.label_pending("token-2")
    a_rotator(world).create_secret(SECRET, "token-2")
    return world.calls.index("create")
