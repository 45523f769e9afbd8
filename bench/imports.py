"""Measures the import of the handler in a new process, compared with the unavoidable import of boto3."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.processes import aws_environment

_ROOT = Path(__file__).resolve().parents[1]
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
_HANDLER = _TIMED.format("import lambdas.handlers.remediate")
_BASELINE = _TIMED.format("import boto3; boto3.client('iam')")


@dataclass(frozen=True)
class ImportTimes:
    """Durations in seconds."""

    handler: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.handler) / median(self.baseline)


def measure_imports(times: int) -> ImportTimes:
    """Alternates between both, so that other load on the machine affects them equally."""
    _seconds(_HANDLER), _seconds(_BASELINE)  # compiles the modules, as deploying them does
    measured = ImportTimes()
    for _ in range(times):
        measured.handler.append(_seconds(_HANDLER))
        measured.baseline.append(_seconds(_BASELINE))
    return measured


def _seconds(program: str) -> float:
    command = [sys.executable, "-c", program]
    run = subprocess.run(  # noqa: S603 -- one of the two programs above
        command, cwd=_ROOT, env=aws_environment(), stdout=subprocess.PIPE, check=True, text=True
    )
    return float(run.stdout)
