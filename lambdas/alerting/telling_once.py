"""Telling each channel once, where what was told is recorded channel by channel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lambdas.alerting.delivery import refusal_of
from lambdas.errors import PermanentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from lambdas.incidents.domain.outbox import Channel


def tell_each_once(
    ways: Mapping[Channel, Callable[[], None]],
    told: Collection[Channel],
    note_told: Callable[[Channel], None],
) -> list[Exception]:
    """Sends by each way of a channel that was not `told` yet, and notes it at once, so that the failure of
    one makes no other repeat itself. The failures are returned.
    """
    tried = [
        refusal_of(send) or refusal_of(partial(note_told, channel))
        for channel, send in ways.items()
        if channel not in told
    ]
    return [failure for failure in tried if failure]


def may_be_mended_first(failures: Sequence[Exception]) -> Exception:
    """The one that decides what becomes of the message: it comes again as long as one of them may pass."""
    return next((it for it in failures if not isinstance(it, PermanentError)), failures[0])
