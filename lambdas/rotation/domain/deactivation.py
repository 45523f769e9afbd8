"""Who deactivated or deleted a key, as far as it decides whether a person must approve a new one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import takewhile

from lambdas.aws.domain.iam import ACTIVE, KeyChange
from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY


class DeactivatedBy(StrEnum):
    ANYBODY = "anybody"  # perhaps a person
    UNCONFIRMED = "unconfirmed"  # an automation by the ledger, but not (yet) by CloudTrail's history
    AUTOMATION = "automation"


def ends_since_active(changes: Iterable[KeyChange]) -> list[KeyChange]:
    """The deactivations and the deletion since the key was last active, the newest first."""
    newest_first = sorted(changes, key=lambda change: change.at, reverse=True)
    return list(takewhile(_is_end, newest_first))


def _is_end(change: KeyChange) -> bool:
    return change.event_name == DELETE_KEY or (change.event_name == UPDATE_KEY and change.status != ACTIVE)
