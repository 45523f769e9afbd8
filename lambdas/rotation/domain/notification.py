"""A notification: what happened to a managed secret, reported to people once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class NotificationKind(StrEnum):
    FAILED_OVER = "failed-over"  # a secret was switched to another key at a person's request
    CLAIM_REFUSED = "claim-refused"
    ENROLMENT_ENDED = "enrolment-ended"  # somebody removed the tags of a user
    ROTATION_SUCCEEDED = "rotation-succeeded"
    ROTATION_FAILED = "rotation-failed"
    KEY_WANTED = "key-wanted"  # a replaced key is still in use
    KEY_RETIRED = "key-retired"  # a replaced key was deactivated
    KEY_DELETED = "key-deleted"
    KEY_UNUSED = "key-unused"  # a replaced key that somebody deactivated long ago is going to be deleted
    KEY_REMOVED = "key-removed"  # an unused key makes room for a new one
    KEY_GIVEN_BACK = "key-given-back"  # a replaced key was reactivated, because calls with it failed
    KEY_KEPT_OFF = "key-kept-off"  # the same, but a guardrail forbids reactivating it
    KEY_LEFT = (
        "key-left"  # a replaced key is not retired: user and secret are not bound, or another secret needs it
    )
    FIELDS_NOT_RENEWED = "fields-not-renewed"  # fields of a secret that seem to depend on a key, but stay
    SECRET_GONE = "secret-gone"  # noqa: S105 -- no password: somebody deleted a managed secret


@dataclass(frozen=True, kw_only=True)
class Notification:
    """Contains no secret. `reason` and `facts` are safe to print."""

    notification_id: str  # the same for one fact, however often and by whomever it is found
    kind: NotificationKind
    at: datetime
    secret_name: str
    user_name: str
    access_key_id: str = ""  # the key in question; of a rotation, the replaced one
    new_key_id: str = ""  # the key that AWSCURRENT names now
    mode: str = ""  # the user's, if its enrolment has ended
    step: str = ""  # of the rotation, that failed
    reason: str = ""  # a clause
    facts: tuple[str, ...] = ()  # single lines
    token: str = ""  # of the rotation, which is the version that it creates
    refused: bool = False  # a guardrail ended the rotation
    held_keys: tuple[str, ...] = ()  # the keys that left no free slot
    inactive_key: str = ""  # the one of them whose deletion frees a slot and takes nothing from anybody
    unless_sent: str = ""  # not sent once the notification with this id was
    unless_finished: bool = False  # not sent if the rotation has once promoted its key
    counts_as: str = ""  # once this is sent, the notification with this id counts as sent, too
    not_before: datetime | None = None  # not sent earlier

    @property
    def delivery_id(self) -> str:
        """Under which its delivery is recorded. The id alone is predictable, so a forged notification with it
        must not count as this one: it has to be about the same kind of event, secret and key.
        """
        key = "" if self.kind in _OF_A_ROTATION else self.access_key_id
        return _delivery_id(self.kind, self.secret_name, key, self.notification_id)

    @property
    def replaced_by(self) -> str:
        """The delivery of the notification that makes this one unnecessary; empty if none does."""
        if not self.unless_sent:
            return ""
        if self.kind is NotificationKind.ROTATION_FAILED:
            succeeded = NotificationKind.ROTATION_SUCCEEDED
            return _delivery_id(succeeded, self.secret_name, "", self.unless_sent)
        return self._similar(self.unless_sent)

    @property
    def also_delivers(self) -> str:
        """The delivery for which this one counts too; empty if there is none."""
        return self._similar(self.counts_as) if self.counts_as else ""

    def _similar(self, notification_id: str) -> str:
        return _delivery_id(f"similar-{self.kind}", self.user_name, "", notification_id)


# The function's own notification and Secrets Manager's record name different keys.
_OF_A_ROTATION = frozenset({NotificationKind.ROTATION_SUCCEEDED, NotificationKind.ROTATION_FAILED})


def _delivery_id(*parts: str) -> str:
    return ":".join(parts)


class NotificationQueue(Protocol):
    def send(self, notification: Notification) -> None:
        """Hands it over for delivery. Raises TransientError if that fails."""
        ...


# Secrets Manager retries a rotation several times within minutes, so a failure that may pass is reported once
# it has lasted. Its own records come at each attempt, without a reason: they are reported later still, unless
# the function has reported the failure. Neither the number of attempts nor their interval is documented.
PERSISTS_AFTER = timedelta(minutes=5)

UNREPORTED_AFTER = timedelta(minutes=8)


def succeeded_id(secret_name: str, token: str) -> str:
    return f"rotation:{secret_name}:{token}:succeeded"


def failed_id(secret_name: str, token: str) -> str:
    """One for all attempts of the rotation."""
    return f"rotation:{secret_name}:{token}:failed"
