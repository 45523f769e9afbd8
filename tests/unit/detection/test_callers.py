from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.detection.domain.callers import (
    MAX_CALLERS,
    calls_of_others,
    new_callers,
    one_of_each_source_first,
)
from tests.support.builders import a_caller

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import Caller

PRODUCTION = a_caller("192.0.2.1", "production")


def agents(number: int, source: str = "203.0.113.7") -> list[Caller]:
    return [a_caller(source, f"agent-{each}") for each in range(number)]


def test_of_a_source_two_user_agents_are_listed_and_the_calls_of_the_others_counted() -> None:
    crowd = agents(20)
    listed = new_callers([*crowd, PRODUCTION], ())
    assert listed == (*crowd[:2], PRODUCTION)
    calls = dict.fromkeys(crowd, 3) | {PRODUCTION: 1}
    assert calls_of_others(calls, listed) == {"203.0.113.7": 54}


def test_second_user_agents_leave_room_for_new_sources() -> None:
    crowd = [agent for source in range(20) for agent in agents(2, f"198.51.100.{source}")]
    listed = new_callers(crowd, ())
    assert len({caller.source for caller in listed}) == len(listed) - 5
    assert len(listed) == MAX_CALLERS
    few = new_callers(crowd[:12], ())
    assert len(few) == 11
    assert new_callers([PRODUCTION], few) == (PRODUCTION,)


def test_calls_of_sources_that_are_not_listed_are_counted_together() -> None:
    listed = new_callers([a_caller(f"198.51.100.{n}") for n in range(MAX_CALLERS)], ())
    assert new_callers([PRODUCTION], listed) == ()
    assert calls_of_others({PRODUCTION: 7, a_caller("192.0.2.2"): 1, listed[0]: 4}, listed) == {"": 8}


def test_one_caller_of_each_source_is_shown_before_a_second_one() -> None:
    one, two, three = *agents(2), PRODUCTION
    assert one_of_each_source_first([one, two, three]) == [one, three, two]
