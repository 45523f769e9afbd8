"""Who misses a retired key: its application, or somebody who knows its id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import LastUse, Usage
from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.retirement.domain.retirement import Step
from lambdas.retirement.fact_reader import UNKNOWN_CALLERS
from lambdas.retirement.known_callers import KnownCallers
from tests.support.builders import NOON, a_caller, key_id
from tests.support.fail_over_scenarios import rotated
from tests.support.rotation_runs import POLICY, a_retirer
from tests.support.rotation_simulation import SECRET

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller, Issue, KeyChange
    from lambdas.retirement.retirer import RetirementStep

APPLICATION = a_caller("203.0.113.7", "app/1")
ENDPOINT = "vpce-0a1b2c3d4e5f60718"


class History:
    """CloudTrail's, of one key that this caller used in one region."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.regions: Collection[str] = ()

    def count_usage(self, _access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:
        self.regions = regions
        return (Usage(caller=self.caller, service="s3", region="eu-west-1", calls=3, last_at=NOON),)

    def use_times(self, _access_key_id: str, _regions: Collection[str]) -> tuple[datetime, ...]:
        return (NOON,)

    def sources_until(
        self, _access_key_id: str, _until: datetime, _regions: Collection[str]
    ) -> frozenset[str]:
        return frozenset()

    def changes(self, _access_key_id: str) -> tuple[KeyChange, ...]:
        return ()

    def find_issue(self, _access_key_id: str) -> Issue | None:
        return None


@pytest.mark.parametrize(
    ("used_by", "failed", "known"),
    [
        (APPLICATION, APPLICATION, True),
        (APPLICATION, replace(APPLICATION, user_agent="app/2"), True),
        (APPLICATION, replace(APPLICATION, source="198.51.100.1"), False),
        (APPLICATION, replace(APPLICATION, vpc_endpoint=ENDPOINT), False),
        (replace(APPLICATION, vpc_endpoint=ENDPOINT), APPLICATION, False),
        (replace(APPLICATION, user_agent=f"Boto3/1 {OWN_TEST_AGENT}"), APPLICATION, False),
    ],
)
def test_a_caller_is_known_by_its_source_and_endpoint_and_not_by_its_user_agent(
    used_by: Caller, failed: Caller, *, known: bool
) -> None:
    history = History(used_by)
    callers = KnownCallers(trail=history, failed_callers=lambda _: (a_caller("198.51.100.9"), failed))
    last_use = LastUse(at=NOON, service="s3", region="eu-west-1")
    assert callers.have_failed(key_id(), last_use) is known
    assert history.regions == ["eu-west-1"]


def step_after_a_failed_call(*, known: bool) -> RetirementStep:
    """Of the old key, a retired one, with `reactivateOnFailure`."""
    world = rotated()
    world.known_callers_fail = known
    old = next(iter(world.states[SECRET].superseded_ids))
    retirer = a_retirer(world)
    retirer.policy = replace(POLICY, reactivates=True)
    for _ in range(72):
        world.now += timedelta(hours=1)
        world.consume()
        retirer.process(SECRET)
        if not world.user_keys[old].active:
            break
    world.use(old)
    world.now += timedelta(hours=1)
    [step] = retirer.process(SECRET)
    assert world.user_keys[old].active is known
    return step


def test_a_retired_key_is_reactivated_for_a_known_caller_alone() -> None:
    assert step_after_a_failed_call(known=True).step is Step.REACTIVATE
    blocked = step_after_a_failed_call(known=False)
    assert (blocked.step, blocked.facts.guardrail) == (Step.BLOCKED, UNKNOWN_CALLERS)
