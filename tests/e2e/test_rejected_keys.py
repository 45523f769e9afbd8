"""A good key that AWS rejects: the alert says why, and what it prints shows that the key itself works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from lambdas.diagnosis.domain.cause import Cause
from local.demo.scenario_runner import run_scenario
from local.demo.scenarios import LATER, LISTED, SCENARIOS, working
from tests.e2e.recipient import Shell, environment_of, remedies_in

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.scenarios import Scenario
    from local.deployment import Deployment

REJECTED = next(scenario for scenario in SCENARIOS if scenario.cause is Cause.ACTIVE_KEY_REJECTED)


@dataclass(frozen=True)
class Case:
    """`says` is in the alert, `shows` is what its first remedy prints."""

    scenario: Scenario
    says: str
    shows: str
    session_token: str = ""


def in_region(region: str) -> Scenario:
    """Injected: the local AWS has every region enabled, and no other partition."""
    record = {"awsRegion": region, "errorMessage": LISTED, "eventTime": LATER}
    return replace(REJECTED, injected=record)


CASES = {
    "leftover token, STS (injected)": Case(
        in_region("us-east-1"),
        "a session token that does not belong to this long-term key",
        "user/",
        session_token="left-over-from-another-login",
    ),
    "opt-in region (injected)": Case(in_region("me-south-1"), "may not be enabled", "opted-in"),
    "other partition (injected)": Case(in_region("cn-north-1"), "partition aws-cn", "Found credentials"),
    "leftover token": Case(
        replace(REJECTED, service="s3", operation="list_buckets", error_code="InvalidToken"),
        "AWS_SESSION_TOKEN",
        "session token: set",
        session_token="left-over-from-another-login",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_good_key_that_is_rejected_works_where_the_alert_says_and_the_alert_says_why(
    deployment: Deployment, tmp_path: Path, aws_cli: Path, case: Case
) -> None:
    application = replace(working(deployment.aws), session_token=case.session_token)
    outcome = run_scenario(deployment, replace(case.scenario, breaks=lambda _: application))
    assert outcome.problems == ()
    assert outcome.alert is not None
    assert case.says in outcome.alert.body
    shell = Shell(deployment, tmp_path, aws_cli)
    shell.keep_in_profile(application)
    shown = [shell.run(remedy, **environment_of(application)) for remedy in remedies_in(outcome.alert)]
    assert case.shows in shown[0]
    assert f"user/{application.user_name}" in shown[-1]
