"""How far the remediator may go: notify, approve a rotation, or rotate automatically."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Set for the deployment and for each user; the smaller one counts."""

    NOTIFY = "notify"
    APPROVE = "approve"
    AUTO = "auto"


_ORDER = (Mode.NOTIFY, Mode.APPROVE, Mode.AUTO)


def smaller(mode: Mode, other: Mode) -> Mode:
    return min(mode, other, key=_ORDER.index)


def parse_mode(text: str) -> Mode:
    """Any text that is no mode allows the least: notify."""
    return Mode(text) if text in set(Mode) else Mode.NOTIFY
