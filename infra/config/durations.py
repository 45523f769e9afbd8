"""Durations in seconds, the unit of every duration in the configuration."""

from __future__ import annotations

HOUR = 60 * 60
DAY = 24 * HOUR
