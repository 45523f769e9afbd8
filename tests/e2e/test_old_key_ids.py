"""Ids of the form before 2019 do not carry their account: STS is asked whose they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.diagnosis.domain.cause import Cause
from local.demo.scenario_runner import run_scenario
from local.demo.scenarios import SCENARIOS, with_id
from local.emulator.key_ids import OLD_KEY_IDS

if TYPE_CHECKING:
    from local.demo.outcome import Outcome
    from local.deployment import Deployment

THEIRS, OURS = OLD_KEY_IDS


def told_of(deployment: Deployment, key: str, cause: Cause) -> Outcome:
    like = next(scenario for scenario in SCENARIOS if scenario.cause is cause)
    return run_scenario(deployment, replace(like, breaks=with_id(key)))


def test_an_old_id_of_another_account_is_told_by_sts_because_it_does_not_name_it(
    deployment: Deployment,
) -> None:
    assert decode_account(THEIRS) is None
    outcome = told_of(deployment, THEIRS, Cause.OTHER_ACCOUNT)
    assert outcome.problems == ()
    assert outcome.alert is not None
    assert OLD_KEY_IDS[THEIRS] in outcome.alert.body.replace(" ", "").replace("\u200b", "")


def test_an_old_id_of_this_account_that_nothing_knows_any_more_is_unknown(deployment: Deployment) -> None:
    assert (decode_account(OURS), OLD_KEY_IDS[OURS]) == (None, deployment.aws.account)
    assert told_of(deployment, OURS, Cause.UNKNOWN_KEY).problems == ()
