"""Seconds, as every duration of the configuration is given."""

from __future__ import annotations

HOUR = 60 * 60
DAY = 24 * HOUR
