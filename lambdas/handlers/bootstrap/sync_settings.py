"""Settings of the `sync_keys` function."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SyncSettings(Settings):
    lease_table_name: str
    sync_interval_seconds: int
    enrolment_queue_url: str
