"""What the three predicted outages share: who will fail, and whether it is an ordinary rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.inert_text import inert, inert_source
from lambdas.domain.wording import description_of, last_used, moment, other_keys

if TYPE_CHECKING:
    from lambdas.domain.evidence import Evidence, Successor, Usage

_USAGES_SHOWN = 5


def victims(evidence: Evidence) -> tuple[str, ...]:
    return (last_used(evidence.last_use), *_users(evidence.usage), *description_of(evidence))


def _users(usage: tuple[Usage, ...] | None) -> tuple[str, ...]:
    if usage is None:
        return ("CloudTrail's history could not be asked who uses it.",)
    if not usage:
        return ("CloudTrail's history, as far as it was asked, names no caller: it leaves out data events.",)
    left = len(usage) - _USAGES_SHOWN
    more = (f"And {left} other callers.",) if left > 0 else ()
    return (*(_line(use) for use in usage[:_USAGES_SHOWN]), *more)


def succession(evidence: Evidence) -> tuple[str, ...]:
    if evidence.quarantine_policy:
        return (
            (
                f"AWS attached {inert(evidence.quarantine_policy)} to the owner: the key was found in public."
                " Leave it off."
            ),
        )
    if evidence.successor:
        return (_replaced_by(evidence.successor),)
    return (f"{other_keys(evidence.other_keys)} None of them has taken its place.",)


def _replaced_by(successor: Successor) -> str:
    used = successor.used
    return (
        f"The owner's newer key {successor.access_key_id} has been used since this one was last used,"
        f" {inert(used.service)} in {inert(used.region)} at {moment(used.at)}: this looks like an ordinary"
        " rotation."
    )


def _line(usage: Usage) -> str:
    calls = "1 call" if usage.calls == 1 else f"at least {usage.calls} calls"
    return (
        f"Will fail: {inert_source(usage.caller.source)}, {inert(usage.caller.user_agent, 60)}: {calls} to"
        f" {inert(usage.service, 24)} in {inert(usage.region, 24)}, last at {moment(usage.last_at)}."
    )
