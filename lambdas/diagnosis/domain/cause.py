"""The causes. Alerts, events and subscription filters use their values, so these never change."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    NOT_A_KEY_FAILURE = "not-a-key-failure"
    PLACEHOLDER_KEY = "placeholder-key"
    TEMPORARY_CREDENTIAL = "temporary-credential"
    QUARANTINED_KEY = "quarantined-key"
    ROOT_KEY = "root-key"
    KEY_NOT_PROPAGATED = "key-not-propagated"
    SUPERSEDED_KEY = "superseded-key"
    USER_DELETED = "user-deleted"
    KEY_DELETED = "key-deleted"
    KEY_INACTIVE = "key-inactive"
    ACTIVE_KEY_REJECTED = "active-key-rejected"
    MISTYPED_KEY = "mistyped-key"
    MALFORMED_KEY = "malformed-key"
    OTHER_ACCOUNT = "other-account"
    UNKNOWN_KEY = "unknown-key"
    DEACTIVATED_IN_USE = "deactivated-in-use"
    DELETED_IN_USE = "deleted-in-use"
    USER_DELETED_IN_USE = "user-deleted-in-use"


# What is diagnosed where no key of the account is known to have the id: a caller can send as many ids as it
# likes.
OF_UNKNOWN_IDS = frozenset(
    {
        Cause.PLACEHOLDER_KEY,
        Cause.TEMPORARY_CREDENTIAL,
        Cause.MISTYPED_KEY,
        Cause.MALFORMED_KEY,
        Cause.OTHER_ACCOUNT,
        Cause.UNKNOWN_KEY,
    }
)

# The key was Active when it was diagnosed, so a reactivation changes nothing.
OF_ACTIVE_KEYS = frozenset({Cause.ACTIVE_KEY_REJECTED, Cause.KEY_NOT_PROPAGATED})
OF_INACTIVE_KEYS = frozenset({Cause.KEY_INACTIVE, Cause.SUPERSEDED_KEY, Cause.DEACTIVATED_IN_USE})
PREDICTIONS = frozenset({Cause.DEACTIVATED_IN_USE, Cause.DELETED_IN_USE, Cause.USER_DELETED_IN_USE})


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
