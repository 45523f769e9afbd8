"""Writes each forbidden import into a copy of the tree and expects its contract in pyproject.toml to fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGES = ("lambdas", "infra", "local", "bench")
pytestmark = pytest.mark.slow  # the linter runs for each import; `make check` runs it on the tree itself

LINTER = Path(sys.executable).with_name("lint-imports")

FORBIDDEN = [
    ("lambdas/ledger/sync.py", "import lambdas.rotation.rotator", "The rooms are layered"),
    ("lambdas/aws/ports.py", "import lambdas.ledger.domain.owner", "The rooms are layered"),
    ("lambdas/cleanup/__init__.py", "import lambdas.errors", "The rooms are layered"),
    ("lambdas/rotation/ports.py", "import lambdas.rotation.adapters.key_identity", "Within a room"),
    ("lambdas/rotation/domain/key_slots.py", "import lambdas.rotation.ports", "A domain module"),
    ("lambdas/incidents/domain/incident.py", "import lambdas.rotation.key_lending", "A domain module"),
    ("lambdas/incidents/domain/incident.py", "import os", "The domain is pure"),
    ("lambdas/decisions/domain/severity.py", "import time", "The domain is pure"),
    ("lambdas/text.py", "from aws_lambda_powertools import Logger", "The domain is pure"),
    ("lambdas/retirement/retirer.py", "import boto3", "Only adapters talk to AWS"),
    ("lambdas/rotation/key_lending.py", "import botocore.exceptions", "Only adapters talk to AWS"),
    ("lambdas/handlers/remediate.py", "import boto3", "Only adapters talk to AWS"),
    ("lambdas/retirement/retirer.py", "import lambdas.aws.adapters.iam", "Only bootstrap chooses adapters"),
    ("lambdas/ledger/renames.py", "import lambdas.ledger.tracker", "No two siblings"),
    ("lambdas/settings.py", "import infra.config.config", "What runs in Lambda"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(tree: Path) -> list[str]:
    """The names of the contracts that do not hold in the tree."""
    command = [str(LINTER), "--no-logo", "--no-cache"]
    environment = os.environ | {"COLUMNS": "400"}  # a wrapped name would not be recognised
    printed = subprocess.run(  # noqa: S603 -- the linter of this environment, with fixed arguments
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    ).stdout
    assert "Contracts: " in printed, printed
    return [line.partition(" BROKEN")[0] for line in printed.splitlines() if " BROKEN" in line]


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    assert broken_contracts(tree) == []


@pytest.mark.parametrize(("module", "statement", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    tree: Path, module: str, statement: str, contract: str
) -> None:
    path = tree / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{path.read_text() if path.exists() else ''}\n\n{statement}\n")
    assert any(name.startswith(contract) for name in broken_contracts(tree)), broken_contracts(tree)
