"""The IAM calls that change a key or a user, as CloudTrail records them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lambdas.aws.domain.iam import ACTIVE

CREATE_KEY = "CreateAccessKey"
UPDATE_KEY = "UpdateAccessKey"
DELETE_KEY = "DeleteAccessKey"
CREATE_USER = "CreateUser"
DELETE_USER = "DeleteUser"
RENAME_USER = "UpdateUser"
TAG_USER = "TagUser"
UNTAG_USER = "UntagUser"
ATTACH_USER_POLICY = "AttachUserPolicy"
# IAM user guide, AWS managed policies, AWSCompromisedKeyQuarantineV3.
QUARANTINE_PREFIX = "AWSCompromisedKeyQuarantine"
KEY_EVENTS = frozenset({CREATE_KEY, UPDATE_KEY, DELETE_KEY})
USER_EVENTS = frozenset({CREATE_USER, DELETE_USER, RENAME_USER, TAG_USER, UNTAG_USER})


@dataclass(frozen=True, kw_only=True)
class IamEvent:
    """A successful call, as CloudTrail recorded it."""

    event_name: str
    at: datetime  # to the second
    by: str
    user_name: str  # ROOT for a key of the root user
    access_key_id: str = ""
    status: str = ""
    user_id: str = ""
    path: str = ""
    new_name: str = ""
    source: str = ""  # the address, or the AWS service, that made the call
    tags: Mapping[str, str | None] = field(default_factory=dict, repr=False)  # as set; None if removed

    @property
    def is_quarantine(self) -> bool:
        """Of the attachments of policies, no other is read."""
        return self.event_name == ATTACH_USER_POLICY

    @property
    def stops_keys(self) -> bool:
        """Whether one or all keys of the user stop working."""
        deactivates = self.event_name == UPDATE_KEY and self.status not in {"", ACTIVE}
        return deactivates or self.event_name in {DELETE_KEY, DELETE_USER}
