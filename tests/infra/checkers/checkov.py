"""Runs checkov over templates."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from local.install import install_checkov
from tests.infra.checkers.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

OPTIONS = ["--framework", "cloudformation", "--skip-download", "--soft-fail", "--compact", "--output", "json"]
SECONDS = 300


def check(root: Path) -> list[Finding]:
    """Checks the templates of all assemblies below `root`. The paths are relative, because checkov adds the
    path to the variables of a function, in which it then looks for secrets.
    """
    templates = sorted(str(template.relative_to(root)) for template in root.glob("*/*.template.json"))
    files = [part for template in templates for part in ("--file", template)]
    command = [str(install_checkov()), *OPTIONS, *files]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, check=True, capture_output=True, timeout=SECONDS, cwd=root
    )
    report: Json = json.loads(ran.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > len(templates)
    return [
        Finding(failed["check_id"], failed["resource"].replace(".", " ", 1))
        for failed in report["results"]["failed_checks"]
    ]
