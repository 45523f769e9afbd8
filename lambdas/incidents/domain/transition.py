"""The transitions of an incident, each of which is an event for machines."""

from __future__ import annotations

from enum import StrEnum


class Transition(StrEnum):
    OPENED = "opened"
    CAUSE_CHANGED = "cause-changed"
    DECISION_CHANGED = "decision-changed"
    NEW_CALLER = "new-caller"
    NEW_REGION = "new-region"
    COUNT_PASSED = "count-passed"
    KEY_REACTIVATED = "key-reactivated"
    ROTATION_SUCCEEDED = "rotation-succeeded"
    ROTATION_FAILED = "rotation-failed"
    CLOSED = "closed"
