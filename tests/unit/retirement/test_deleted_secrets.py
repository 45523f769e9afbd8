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
from tests.support.rotation_runs import a_retirer
from tests.support.rotation_simulation import SECRET

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
