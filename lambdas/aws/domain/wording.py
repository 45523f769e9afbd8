"""Who uses a key, in lines: the most calls first, as CloudTrail's history counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.wording import moment
from lambdas.text import inert, inert_source

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.evidence import Usage

_USAGES_SHOWN = 5


def users_of(usage: tuple[Usage, ...] | None, verb: str) -> tuple[str, ...]:
    """`verb` begins the line of each caller; None is a history that could not be asked."""
    if usage is None:
        return ("CloudTrail's history could not be asked who uses it.",)
    if not usage:
        return ("CloudTrail's history, as far as it was asked, names no caller: it leaves out data events.",)
    left = len(usage) - _USAGES_SHOWN
    more = (f"And {left} other callers.",) if left > 0 else ()
    return (*(f"{verb}: {_line(use)}" for use in usage[:_USAGES_SHOWN]), *more)


def _line(usage: Usage) -> str:
    calls = "1 call" if usage.calls == 1 else f"at least {usage.calls} calls"
    return (
        f"{inert_source(usage.caller.source)}, {inert(usage.caller.user_agent, 60)}: {calls} to"
        f" {inert(usage.service, 24)} in {inert(usage.region, 24)}, last at {moment(usage.last_at)}."
    )
