"""`make up`, `make down` and `make demo`, in a copy of the project: a developer's own are left alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.cdk import ROOT
from local.emulator.launch import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAKE_SECONDS = 400
# Each `make` takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".local", ".build", "cdk.out", ".*_cache", "__pycache__")
PORT = str(free_port())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    copy = shutil.copytree(ROOT, tmp_path_factory.mktemp("make") / "project", ignore=NOT_COPIED)
    (copy / ".venv").symlink_to(sys.prefix)
    (copy / "config.json").write_text(json.dumps({"mode": "approve"}))
    yield copy
    make(copy, "down")


def make(copy: Path, target: str, **environment: str) -> str:
    """`-o` takes the virtual environment for ready: this run's own is used. What a `make` around the tests
    sets for its own recipes (MAKEFLAGS and the like) does not reach this one.
    """
    command = ["make", "-o", ".venv/ready", target]
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))
    }
    return run(command, copy, inherited | {"LOCAL_AWS_PORT": PORT} | environment)


def run(command: list[str], directory: Path, environment: dict[str, str]) -> str:
    ended = subprocess.run(  # noqa: S603 -- our own commands
        command,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=MAKE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_up_deploys_and_says_how_to_reach_it_and_may_be_called_again_with_another_configuration(
    copy: Path,
) -> None:
    make(copy, "up")
    outputs = json.loads((copy / ".local" / "outputs.json").read_text())
    assert {"AlertTopicArn", "OperationsTopicArn", "IncidentBusName", "IncidentTableName"} < set(outputs)
    assert mode(copy) == "notify"
    assert "already" in make(copy, "up", CONFIG="config.json")
    assert json.loads((copy / ".local" / "outputs.json").read_text()) == outputs
    assert mode(copy) == "approve"


def mode(copy: Path) -> str:
    """The mode of the deployed function, read in a shell that sourced .local/env."""
    ask = (
        "import boto3, os; client, name = boto3.client('lambda'), os.environ['RemediateFunctionName'];"
        "print(client.get_function_configuration(FunctionName=name)['Environment']['Variables']['DEPLOYED_MODE'])"
    )
    script = f'. .local/env && exec "{sys.executable}" -c "$ASK"'
    return run(["/bin/sh", "-e", "-c", script], copy, {"ASK": ask, "PATH": os.defpath}).strip()


def test_down_stops_what_up_started_and_may_be_called_again(copy: Path) -> None:
    make(copy, "up")
    assert "was stopped" in make(copy, "down")
    assert not (copy / ".local" / "outputs.json").exists()
    assert "No local AWS" in make(copy, "down")


@pytest.mark.parametrize("arguments", [{"VERBOSE": "1"}, {}])
def test_demo_passes_on_whether_to_print_every_alert(tmp_path: Path, arguments: dict[str, str]) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$*:$VERBOSE"\n')
    python.chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    assert make(tmp_path, "demo", **arguments) == f"-m local.demo:{arguments.get('VERBOSE', '')}\n"
