"""The local AWS with the stack deployed, for all end-to-end tests of a run; and one that takes its time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from local.demo.automation import AUTOMATIONS
from local.deployment import Deployment, open_deployment
from local.emulator.settings import Settings
from local.failures import ALARM
from local.install import AWS_CLI_HOME, install_aws_cli
from tests.e2e.counted_ids import SECONDS_REMEMBERED, forget_counted_ids

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

TAGS = {"cost-centre": "4711"}  # as an organization may demand them


@pytest.fixture(autouse=True)
def nothing_failed_unexpectedly(request: pytest.FixtureRequest) -> Iterator[None]:
    """In the deployments of the test; what it breaks on purpose, it passes to `failures.expect`.

    Late messages prove nothing here: what an earlier test broke is retried for longer than the alarm allows,
    and a busy machine is late. tests/infra/monitoring holds that alarm.
    """
    deployments = [it for it in request.node.funcargs.values() if isinstance(it, Deployment)]
    yield
    for it in deployments:
        it.failures.expect(ALARM, "LateMessages")
        it.failures.assert_none()


@pytest.fixture(autouse=True)
def no_ids_were_counted_before(request: pytest.FixtureRequest) -> None:
    """In the deployments of the test, which the tests of a run share. Otherwise the ids that tests make up
    would be counted together, and those of the last tests would have no alert of their own.
    """
    deployments = [it for it in request.node.funcargs.values() if isinstance(it, Deployment)]
    were_full = [forget_counted_ids(it) for it in deployments]
    if any(were_full):
        time.sleep(SECONDS_REMEMBERED)


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For all workers of this run, whose deployments of one kind have the same templates."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "assemblies"


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory, assemblies: Path) -> Iterator[Deployment]:
    with open_deployment(tmp_path_factory.mktemp("deployment"), assemblies=assemblies) as opened:
        yield opened


@pytest.fixture(scope="session")
def slow_deployment(tmp_path_factory: pytest.TempPathFactory, assemblies: Path) -> Iterator[Deployment]:
    """As on AWS, a new key is refused at first, is listed still later, and CloudTrail's history comes late,
    but seconds instead of minutes; and an unknown key is diagnosed again after a second.
    """
    slow = Settings(key_propagation_seconds=4, listing_lag_seconds=12, history_lag_seconds=6)
    state = tmp_path_factory.mktemp("slow-deployment")
    with open_deployment(state, slow, assemblies=assemblies, unknownKeyRecheckSeconds=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def lively_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Sends within seconds the updates that otherwise take hours and days."""
    state = tmp_path_factory.mktemp("lively-deployment")
    alerts = {"countThresholds": [3], "updateSeconds": 1, "digestSeconds": 2}
    with open_deployment(state, alerts=alerts, incidentQuietSeconds=8) as opened:
        yield opened


@pytest.fixture(scope="session")
def rotating_deployment(tmp_path_factory: pytest.TempPathFactory, assemblies: Path) -> Iterator[Deployment]:
    """It may do all that enrolled users allow, and what takes days elsewhere takes seconds."""
    state = tmp_path_factory.mktemp("rotating-deployment")
    with open_deployment(state, assemblies=assemblies, mode="auto", rotation=ROTATION, tags=TAGS) as opened:
        yield opened


@pytest.fixture(scope="session")
def aws_cli() -> Path:
    install_aws_cli()
    return AWS_CLI_HOME / "bin"
