"""The local AWS with the stack deployed, for all end-to-end tests of a run; and one that takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.demo.automation import AUTOMATIONS
from local.deployment import Stage, open_stage
from local.emulator.settings import Settings
from local.install import AWS_CLI_HOME, install_aws_cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROTATION = {
    "graceSeconds": 1,
    "quietSeconds": 1,
    "deletionSeconds": 1,
    "unusedKeySeconds": 1,
    "hourlyBudget": 1000,
    "automations": AUTOMATIONS,
    "backupUsers": {
        "borrower": "lender",
        "cautious-borrower": "lender-of-the-cautious",
        "reader": "lender-of-the-reader",
        "discreet-borrower": "discreet-lender",
    },
}


@pytest.fixture(autouse=True)
def nothing_failed_unexpectedly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Inside the stages that the test plays on; what a test breaks it declares by `stage.failures.expect`."""
    stages = [it for it in request.node.funcargs.values() if isinstance(it, Stage)]
    yield
    for it in stages:
        it.failures.assert_none()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("stage")) as opened:
        yield opened


@pytest.fixture(scope="session")
def slow_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """As on AWS, a new key is refused at first and CloudTrail's history comes late, but seconds instead of
    minutes; and an unknown key is diagnosed again after a second.
    """
    slow = Settings(key_propagation_seconds=4, history_lag_seconds=6)
    state = tmp_path_factory.mktemp("slow-stage")
    with open_stage(state, slow, unknownKeyRecheckSeconds=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def lively_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """What is told over hours and days elsewhere is told within seconds."""
    state = tmp_path_factory.mktemp("lively-stage")
    alerts = {"countThresholds": [3], "updateSeconds": 1, "digestSeconds": 2}
    with open_stage(state, alerts=alerts, incidentQuietSeconds=8) as opened:
        yield opened


@pytest.fixture(scope="session")
def rotating_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """It may do all that enrolled users allow, and what takes days elsewhere takes seconds."""
    state = tmp_path_factory.mktemp("rotating-stage")
    with open_stage(state, mode="auto", rotation=ROTATION) as opened:
        yield opened


@pytest.fixture(scope="session")
def aws_cli() -> Path:
    install_aws_cli()
    return AWS_CLI_HOME / "bin"
