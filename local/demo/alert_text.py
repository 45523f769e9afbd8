"""The alerts of a scenario as plain text, after what the scenario did and what was expected."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.outcome import Outcome
    from local.inbox import Received

LINE = "-" * 80


def text_of_scenario(outcome: Outcome) -> str:
    return f"\n{LINE}\n".join([introduction(outcome), *map(text_of_alert, outcome.alerts)])


def introduction(outcome: Outcome) -> str:
    lines = [f"Scenario: {outcome.name}", outcome.description]
    lines += [f"Expected: {expected}" for expected in outcome.expected]
    lines += [f"Problem:  {problem}" for problem in outcome.problems]
    lines += [f"Observed: {outcome.note}"] if outcome.note else []
    return "\n".join([*lines, f"Result:   {result(outcome)}, {delay(outcome)}"])


def text_of_alert(alert: Received) -> str:
    return f"Subject: {alert.subject}\n\n{alert.body}".rstrip()


def causes(outcome: Outcome) -> str:
    return ", then ".join(alert.attributes["cause"] for alert in outcome.alerts) or "no alert"


def decision(outcome: Outcome) -> str:
    return outcome.alert.attributes["decision"] if outcome.alert else outcome.decision


def delay(outcome: Outcome) -> str:
    return f"alert after {outcome.seconds:.1f} s" if outcome.alert else "no alert"


def result(outcome: Outcome) -> str:
    return "FAILED" if outcome.problems else "ok"


@dataclass
class AlertFolder:
    """A folder with a file for each scenario. Opening it removes the files of the last run."""

    path: Path
    _written: int = 0

    def __post_init__(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)

    def write(self, outcome: Outcome) -> Path:
        self._written += 1
        name = re.sub(r"[^a-z0-9]+", "-", outcome.name.lower()).strip("-")
        path = self.path / f"{self._written:02}-{name}.txt"
        path.write_text(text_of_scenario(outcome) + "\n")
        return path
