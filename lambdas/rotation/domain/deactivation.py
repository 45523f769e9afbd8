"""Who deactivated or deleted a key, as far as it decides whether a person must approve a new one."""

from __future__ import annotations

from enum import StrEnum


class DeactivatedBy(StrEnum):
    ANYBODY = "anybody"  # perhaps a person
    UNCONFIRMED = "unconfirmed"  # an automation by the ledger, but not (yet) by CloudTrail's history
    AUTOMATION = "automation"
