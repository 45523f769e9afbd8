"""The modes of rotation: notify, approve, auto."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How far the remediator may go, for the whole stage and for each user."""

    NOTIFY = "notify"
    APPROVE = "approve"
    AUTO = "auto"


_ORDER = (Mode.NOTIFY, Mode.APPROVE, Mode.AUTO)


def smaller(mode: Mode, other: Mode) -> Mode:
    return min(mode, other, key=_ORDER.index)


def mode_of(text: str) -> Mode:
    """Of a tag's value; what is no mode allows the least."""
    return Mode(text) if text in set(Mode) else Mode.NOTIFY
