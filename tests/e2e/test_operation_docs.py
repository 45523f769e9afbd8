"""The commands of docs/deployment.md and docs/operations.md that only look, run with the AWS CLI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.cdk import ROOT
from tests.docs.pages import fences, sections
from tests.e2e.recipient import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from local.deployment import Deployment

DEPLOYMENT, OPERATIONS = (sections(ROOT / "docs" / f"{name}.md") for name in ("deployment", "operations"))
[OUTPUTS] = fences(DEPLOYMENT["Outputs in the shell"])
[SWITCHES] = fences(DEPLOYMENT["Switches"])
[LOGS] = fences(OPERATIONS["Logs"])


def test_the_outputs_are_variables_of_the_shell(
    deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    shell = Shell(deployment, tmp_path, aws_cli)
    printed = shell.run([OUTPUTS, "env"]).splitlines()
    assert {f"{name}={value}" for name, value in deployment.outputs.items()} <= set(printed)


def test_the_switches_have_a_value_and_somebody_who_set_it(
    deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    shell = Shell(deployment, tmp_path, aws_cli)
    switches = [
        json.loads(shell.run([f"{line} --output json"], **deployment.outputs))
        for line in SWITCHES.splitlines()
    ]
    assert [value for value, *_ in switches] == ["off", "notify"]


def test_the_log_of_a_function_is_found(deployment: Deployment, tmp_path: Path, aws_cli: Path) -> None:
    """Not its errors alone: the local AWS does not evaluate a pattern of JSON, and lists every event."""
    shell = Shell(deployment, tmp_path, aws_cli)
    group = shell.run([LOGS.splitlines()[0], 'printf %s "$GROUP"'], **deployment.outputs)
    assert "Remediate" in group
    shell.run([LOGS], **deployment.outputs)
