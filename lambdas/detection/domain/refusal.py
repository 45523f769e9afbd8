"""A call that AWS refused for its credentials, as an application's log shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.refusal_sentences import Sentence


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Each text is empty if the line does not show it. None is a part of the line as it stands: each is one
    of a closed list, or has the format of what it should be.
    """

    sentence: Sentence
    code: str
    access_key_id: str
    service: str
    operation: str
    region: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class LoggedRefusal:
    """Refused calls that differ in nothing but their request and time, in one log group."""

    refusal: Refusal  # of one of the calls
    log_group: str
    last_seen: datetime
    calls: int = 1


def fold(refusals: Sequence[LoggedRefusal]) -> tuple[LoggedRefusal, ...]:
    """Counts each call once: a program may log one refusal several times, with the same request id."""
    by_call = dict[object, list[LoggedRefusal]]()
    for refusal in _one_of_each_request(refusals):
        by_call.setdefault(_without_request(refusal), []).append(refusal)
    return tuple(_sum(same) for same in by_call.values())


def _one_of_each_request(refusals: Iterable[LoggedRefusal]) -> Iterable[LoggedRefusal]:
    seen = set[tuple[str, str]]()
    for each in refusals:
        request = (each.refusal.request_id, each.refusal.access_key_id)
        if each.refusal.request_id and request in seen:
            continue
        seen.add(request)
        yield each


def _without_request(each: LoggedRefusal) -> object:
    return replace(each.refusal, request_id=""), each.log_group


def _sum(same: Sequence[LoggedRefusal]) -> LoggedRefusal:
    latest = max(same, key=lambda each: each.last_seen)
    return replace(latest, calls=sum(each.calls for each in same))
