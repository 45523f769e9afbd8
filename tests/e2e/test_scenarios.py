"""The demo's scenarios: a genuine refused call becomes the right alert within five seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo.play import play, play_a_healthy_look_alike
from local.demo.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from local.stage import Stage


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_refused_call_becomes_one_alert_that_names_cause_and_owner(
    stage: Stage, scenario: Scenario
) -> None:
    assert play(stage, scenario).problems == ()


def test_a_healthy_key_is_counted_and_nobody_is_alerted(stage: Stage) -> None:
    assert play_a_healthy_look_alike(stage).problems == ()


def test_the_scenarios_cover_the_services_and_the_four_codes_of_the_family() -> None:
    services = {scenario.service for scenario in SCENARIOS}
    codes = {scenario.error_code for scenario in SCENARIOS}
    assert services == {"sts", "s3", "dynamodb", "ec2", "iam", "sqs"}
    assert len(codes) == 4
