"""Settings of the `track_keys` function."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TrackSettings(Settings):
    signal_queue_url: str
    dead_letter_queue_url: str
    prediction_window_seconds: int
    deletion_grace_seconds: int
    rotation_role_name: str  # both roles: to recognise the remediator's own calls in records
    retirement_role_name: str
    enrolment_queue_url: str
