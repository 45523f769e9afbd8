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


def outcome_of(deployment: Deployment, key: str, cause: Cause) -> Outcome:
    like = next(scenario for scenario in SCENARIOS if scenario.cause is cause)
    return run_scenario(deployment, replace(like, breaks=with_id(key)))


def test_sts_names_the_account_of_an_old_id_which_does_not_contain_it(
    deployment: Deployment,
) -> None:
    assert decode_account(THEIRS) is None
    outcome = outcome_of(deployment, THEIRS, Cause.OTHER_ACCOUNT)
    assert outcome.problems == ()
    assert outcome.alert is not None
    assert OLD_KEY_IDS[THEIRS] in outcome.alert.body.replace(" ", "").replace("\u200b", "")


def test_an_old_id_of_this_account_that_nothing_knows_any_more_is_unknown(deployment: Deployment) -> None:
    assert (decode_account(OURS), OLD_KEY_IDS[OURS]) == (None, deployment.aws.account)
    assert outcome_of(deployment, OURS, Cause.UNKNOWN_KEY).problems == ()
