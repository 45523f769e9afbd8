"""Phrases about times, calls and last uses, shared by several rooms. All of them are safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from lambdas.aws.domain.iam import Caller, LastUse, Usage
from lambdas.text import sanitize, sanitize_source

_MAX_USAGES = 5
_WHOLE_AGENT = 800  # longer than any that is stored, links in it defanged
_HEAD = 40  # characters of a user agent that is shown without its middle


def describe_usage(usage: tuple[Usage, ...] | None, verb: str) -> tuple[str, ...]:
    """One line for each caller, beginning with `verb`. None means that the history could not be read."""
    if usage is None:
        return ("CloudTrail's event history could not be searched for callers.",)
    if not usage:
        return (
            (
                "CloudTrail's event history, which has no data events, names no caller as far as it was"
                " searched."
            ),
        )
    left = len(usage) - _MAX_USAGES
    more = (f"And {left} other callers.",) if left > 0 else ()
    shown = usage[:_MAX_USAGES]
    callers = callers_shown([use.caller for use in shown], 60)
    lines = (f"{verb}: {_line(caller, use)}" for caller, use in zip(callers, shown, strict=True))
    return (*lines, *more)


def _line(caller: str, usage: Usage) -> str:
    calls = "1 call" if usage.calls == 1 else f"at least {usage.calls} calls"
    return (
        f"{caller}: {calls} to {sanitize(usage.service, 24)} in {sanitize(usage.region, 24)},"
        f" last at {moment(usage.last_at)}."
    )


def moment(at: datetime) -> str:
    """`at` must be in UTC: `2026-01-31 13:05:09 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def last_used(use: LastUse | None) -> str:
    if use is None:
        return "IAM has no record of its last use."
    return f"Last use: {sanitize(use.service)} in {sanitize(use.region)}, {moment(use.at)}."


def last_use_clause(use: LastUse | None) -> str:
    """For a key that IAM lists."""
    if use is None:
        return "never used"
    return f"last used with {sanitize(use.service, 24)} in {sanitize(use.region, 24)} at {moment(use.at)}"


def callers_shown(callers: Sequence[Caller], limit: int = 100) -> list[str]:
    """Different callers differ visibly: of user agents that begin alike, the middle is cut, not the end."""
    shown = [(_source(it), sanitize(it.user_agent, limit)) for it in callers]
    alike: dict[tuple[str, str], set[str]] = {}
    for key, caller in zip(shown, callers, strict=True):
        alike.setdefault(key, set()).add(caller.user_agent)
    return [
        f"{key[0]} {_agent_shown(caller.user_agent, alike[key], key[1])}"
        for key, caller in zip(shown, callers, strict=True)
    ]


def _agent_shown(user_agent: str, alike: set[str], cut: str) -> str:
    """`alike` are all user agents, this one included, of which `cut` is what there is room for."""
    if len(alike) == 1:
        return cut
    others = [sanitize(agent, _WHOLE_AGENT) for agent in alike]
    whole = sanitize(user_agent, _WHOLE_AGENT)
    same = sum(1 for _ in takewhile(lambda each: len(set(each)) == 1, zip(*others, strict=False)))
    differs_at = whole.rfind(" ", 0, same) + 1
    return f"{whole[:_HEAD]}... {whole[differs_at:]}"


def _source(caller: Caller) -> str:
    if caller.is_reporter:
        return "a report that says it is"
    through = f" through {sanitize(caller.vpc_endpoint, 30)}" if caller.vpc_endpoint else ""
    return f"{sanitize_source(caller.source)}{through},"


def place_shown(service: str, region: str) -> str:
    return f"({sanitize(service, 20)}, {sanitize(region, 16)})"
