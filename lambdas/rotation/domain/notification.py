"""A notification: what came of a managed secret, its rotation or its enrolment, for people to be told
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class NotificationKind(StrEnum):
    """KEY_WANTED is a replaced key that is still in use, KEY_GIVEN_BACK one that was switched on again, and
    KEY_LEFT one that is not retired because its user is no longer bound to the secret. KEY_KEPT_OFF is
    missed like one that is given back, but a guardrail forbids that. SECRET_GONE is a managed secret that
    somebody deleted.
    """

    CLAIM_REFUSED = "claim-refused"
    ROTATION_SUCCEEDED = "rotation-succeeded"
    ROTATION_FAILED = "rotation-failed"
    KEY_WANTED = "key-wanted"
    KEY_RETIRED = "key-retired"
    KEY_DELETED = "key-deleted"
    KEY_GIVEN_BACK = "key-given-back"
    KEY_KEPT_OFF = "key-kept-off"
    KEY_LEFT = "key-left"
    SECRET_GONE = "secret-gone"  # noqa: S105 -- no password


@dataclass(frozen=True, kw_only=True)
class Notification:
    """`notification_id` is the same for one fact, however often and by whomever it is found.
    `access_key_id` is the key that it is about, the replaced one of a rotation; `new_key_id` the one that
    AWSCURRENT names by now.
    `reason` is a clause for people, `facts` are single lines; both are harmless to print. No secret is in it.
    `token` is of the rotation, the version that it makes; `refused` says that a guardrail ended it, and
    `held_keys` are the ids of the keys that left it no room. A notification is told no earlier than
    `not_before`, and not at all once the one with the id `unless_told` was, nor with
    `unless_finished` where the rotation has once put its key into service. Once it is told, so is
    `counts_as`.
    """

    notification_id: str
    kind: NotificationKind
    at: datetime
    secret_name: str
    user_name: str
    access_key_id: str = ""
    new_key_id: str = ""
    step: str = ""
    reason: str = ""
    facts: tuple[str, ...] = ()
    token: str = ""
    refused: bool = False
    held_keys: tuple[str, ...] = ()
    unless_told: str = ""
    unless_finished: bool = False
    counts_as: str = ""
    not_before: datetime | None = None


class NotificationQueue(Protocol):
    def send(self, notification: Notification) -> None:
        """To whoever tells people. Raises TransientError when it could not be handed over."""
        ...
