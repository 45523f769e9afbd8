"""Phrases about times, calls and last uses, shared by several rooms. All of them are safe to show."""

from __future__ import annotations

from datetime import datetime

from lambdas.aws.domain.iam import Caller, LastUse, Usage
from lambdas.text import sanitize, sanitize_source

_MAX_USAGES = 5


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
    return (*(f"{verb}: {_line(use)}" for use in usage[:_MAX_USAGES]), *more)


def _line(usage: Usage) -> str:
    calls = "1 call" if usage.calls == 1 else f"at least {usage.calls} calls"
    return (
        f"{_source(usage.caller)}, {sanitize(usage.caller.user_agent, 60)}: {calls} to"
        f" {sanitize(usage.service, 24)} in {sanitize(usage.region, 24)}, last at {moment(usage.last_at)}."
    )


def moment(at: datetime) -> str:
    """`at` must be in UTC: `2026-01-31 13:05:09 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def last_used(use: LastUse | None) -> str:
    if use is None:
        return "IAM has no record of its last use."
    return f"Last successful use: {sanitize(use.service)} in {sanitize(use.region)}, {moment(use.at)}."


def last_use_clause(use: LastUse | None) -> str:
    """For a key that IAM lists."""
    if use is None:
        return "never used"
    return f"last used with {sanitize(use.service, 24)} in {sanitize(use.region, 24)} at {moment(use.at)}"


def caller_shown(caller: Caller) -> str:
    return f"{_source(caller)}, {sanitize(caller.user_agent, 100)}"


def _source(caller: Caller) -> str:
    through = f" through {sanitize(caller.vpc_endpoint, 30)}" if caller.vpc_endpoint else ""
    return sanitize_source(caller.source) + through


def place_shown(service: str, region: str) -> str:
    return f"({sanitize(service, 20)}, {sanitize(region, 16)})"
