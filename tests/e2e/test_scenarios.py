"""The demo's scenarios: a rejected call becomes the right alert within five seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lambdas.diagnosis.domain.cause import Cause, Severity
from local.demo.predictions import OUTAGES, PredictedOutage, finish, start
from local.demo.scenario_runner import SETTLING_SECONDS, run_healthy_key, run_scenario
from local.demo.scenarios import LISTED, SCENARIOS, Scenario, never_issued, working

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.demo.application import Application
    from local.deployment import Deployment
    from local.emulator.process import LocalAws


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_refused_call_becomes_one_alert_that_names_cause_and_owner(
    deployment: Deployment, scenario: Scenario
) -> None:
    assert run_scenario(deployment, scenario).problems == ()


def test_a_healthy_key_is_counted_and_nobody_is_alerted(deployment: Deployment) -> None:
    assert run_healthy_key(deployment).problems == ()


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.name)
def test_a_broken_key_in_use_is_reported_before_and_after_the_first_failure(
    deployment: Deployment, outage: PredictedOutage
) -> None:
    [started] = start(deployment, [outage])
    assert finish(deployment, started).problems == ()
    deployment.alerts.wait_for(lambda _: False, SETTLING_SECONDS)
    alerts = [alert for alert in deployment.alerts.received if started.key in alert.body]
    assert len(alerts) == (2 if outage.after_failure else 1)


def test_the_scenarios_cover_every_cause() -> None:
    causes = {scenario.cause for scenario in SCENARIOS} | {outage.predicted for outage in OUTAGES}
    assert causes == set(Cause) - {Cause.NOT_A_KEY_FAILURE}


@pytest.mark.parametrize(
    "disfigure",
    [
        lambda key: f" {key[1:]}",
        lambda key: f"{key[:-1]}'",
        lambda key: f"{key[:8]}\u200b{key[8:]}",
        lambda key: key[:-1],
    ],
    ids=["space", "quote", "zero-width", "too short"],
)
def test_an_id_that_can_leave_a_client_disfigured_is_named_as_malformed(
    deployment: Deployment, disfigure: Callable[[str], str]
) -> None:
    odd = replace(SCENARIOS[0], breaks=lambda aws: disfigured(aws, disfigure), cause=Cause.MALFORMED_KEY)
    odd = replace(odd, severity=Severity.LOW, owner_is_known=False)
    assert run_scenario(deployment, odd).problems == ()


def disfigured(aws: LocalAws, disfigure: Callable[[str], str]) -> Application:
    """An id of no key: a changed id of a known key would be reported as mistyped."""
    application = never_issued()(aws)
    return replace(application, access_key_id=disfigure(application.access_key_id))


def test_an_id_with_a_line_break_which_no_client_sends_is_named_as_malformed(deployment: Deployment) -> None:
    """Injected: HTTP headers cannot carry a line break."""
    application = working(deployment.aws)
    broken = replace(application, access_key_id=application.access_key_id + "\n")
    scenario = replace(
        SCENARIOS[0],
        breaks=lambda _: broken,
        cause=Cause.MALFORMED_KEY,
        severity=Severity.LOW,
        owner_is_known=False,
        injected={"errorMessage": LISTED},
    )
    outcome = run_scenario(deployment, scenario)
    assert outcome.problems == ()
    assert outcome.alert is not None
    assert "a line break at position 21" in outcome.alert.body


def test_the_scenarios_cover_the_services_the_services_and_the_four_codes_of_the_family() -> None:
    services = {scenario.service for scenario in SCENARIOS}
    codes = {scenario.error_code for scenario in SCENARIOS}
    assert services == {"sts", "s3", "dynamodb", "ec2", "iam", "sqs"}
    assert codes >= {
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "AuthFailure",
    }
