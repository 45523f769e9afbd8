"""Telling each channel once, where what was told is recorded channel by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.errors import PermanentError
from lambdas.notify import is_taken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from lambdas.domain.outbox import Channel


def tell_each_once(
    ways: Mapping[Channel, Callable[[], None]],
    told: Collection[Channel],
    note_told: Callable[[Channel], None],
) -> list[Exception]:
    """Sends by each way of a channel that was not `told` yet, and notes it at once, so that the failure of
    one makes no other repeat itself. The failures are returned.
    """
    failures: list[Exception] = []
    for channel, send in ways.items():
        if channel not in told and is_taken(send, failures):
            is_taken(lambda: note_told(channel), failures)  # noqa: B023 -- called at once
    return failures


def may_be_mended_first(failures: Sequence[Exception]) -> Exception:
    """The one that decides what becomes of the message: it comes again as long as one of them may pass."""
    return next((it for it in failures if not isinstance(it, PermanentError)), failures[0])
