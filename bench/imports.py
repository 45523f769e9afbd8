"""Measures the import of each handler in a new process, compared with the unavoidable import of boto3."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.processes import aws_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).resolve().parents[1]
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
_BASELINE = _TIMED.format("import boto3; boto3.client('iam')")
_HANDLERS = {
    path.stem: _TIMED.format(f"import lambdas.handlers.{path.stem}")
    for path in sorted((_ROOT / "lambdas" / "handlers").glob("*.py"))
    if path.stem != "__init__"
}


@dataclass(frozen=True)
class ImportTimes:
    """Durations in seconds, `handlers` by the name of the function."""

    handlers: Mapping[str, list[float]]
    baseline: list[float]

    def ratio(self, handler: str) -> float:
        return median(self.handlers[handler]) / median(self.baseline)


def measure_imports(times: int) -> ImportTimes:
    """Alternates between all of them, so that other load on the machine affects them equally."""
    for program in (_BASELINE, *_HANDLERS.values()):
        _seconds(program)  # compiles the modules, as deploying them does
    measured = ImportTimes(handlers={name: [] for name in _HANDLERS}, baseline=[])
    for _ in range(times):
        measured.baseline.append(_seconds(_BASELINE))
        for name, program in _HANDLERS.items():
            measured.handlers[name].append(_seconds(program))
    return measured


def _seconds(program: str) -> float:
    command = [sys.executable, "-c", program]
    run = subprocess.run(  # noqa: S603 -- one of the programs above
        command, cwd=_ROOT, env=aws_environment(), stdout=subprocess.PIPE, check=True, text=True
    )
    return float(run.stdout)
