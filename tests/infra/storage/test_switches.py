from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.domain.modes import Mode
from tests.infra.synthesis import CONFIG, STACK, named, ref

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def test_the_kill_switch_is_off_until_somebody_turns_it_on(template: Json) -> None:
    _, switch = named(template, "AWS::SSM::Parameter", "KillSwitch")
    assert switch["Name"] == f"/access-key-remediator/{STACK}/kill-switch"
    assert (switch["Type"], switch["Value"]) == ("String", "off")


def test_the_mode_is_the_configured_one_until_somebody_sets_another(template: Json) -> None:
    _, switch = named(template, "AWS::SSM::Parameter", "Mode")
    assert switch["Name"] == f"/access-key-remediator/{STACK}/mode"
    assert (switch["Type"], switch["Value"]) == ("String", CONFIG["mode"])


@pytest.mark.parametrize(("name", "values"), [("KillSwitch", {"on", "off"}), ("Mode", {*Mode})])
def test_a_switch_takes_its_own_words_only(template: Json, name: str, values: set[str]) -> None:
    _, switch = named(template, "AWS::SSM::Parameter", name)
    candidates = {*values, "", "On", "off ", "offon", "autos", "true"}
    assert {each for each in candidates if re.search(switch["AllowedPattern"], each)} == values


@pytest.mark.parametrize(
    ("output", "name"), [("KillSwitchParameter", "KillSwitch"), ("ModeParameter", "Mode")]
)
def test_an_output_names_the_parameter(template: Json, output: str, name: str) -> None:
    switch_id, _ = named(template, "AWS::SSM::Parameter", name)
    assert template["Outputs"][output]["Value"] == ref(switch_id)
