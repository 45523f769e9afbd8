"""`cdk.json` is where a deployer finds every field."""

from __future__ import annotations

import json

import pytest

from infra.config.alerts import AlertsConfig
from infra.config.application_logs import ApplicationLogsConfig
from infra.config.config import CONTEXT_KEY, Config
from infra.config.context import read_config
from infra.config.reader import names_in_json
from infra.config.rotation import RotationConfig
from local.cdk import ROOT

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
CONFIG = CONTEXT[CONTEXT_KEY]


def test_it_says_the_defaults() -> None:
    assert read_config(CONTEXT) == Config()


@pytest.mark.parametrize(
    ("value", "of_type"),
    [
        (CONFIG, Config),
        (CONFIG["alerts"], AlertsConfig),
        (CONFIG["applicationLogs"], ApplicationLogsConfig),
        (CONFIG["rotation"], RotationConfig),
    ],
)
def test_it_names_every_field(value: dict[str, object], of_type: type) -> None:
    assert set(value) == set(names_in_json(of_type).values())
