"""What the demo prints: a line for each scenario, three alerts in full, a table of all results."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.alert_text import causes, decision, delay, introduction, result, text_of_alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.demo.outcome import Outcome

WIDTH_OF_A_FILE: Final = 140
INTRODUCTION: Final = """\
[bold]Access Key Remediator[/bold] finds out why AWS rejects an access key, and alerts the key's owner.
This demo deploys it to a local AWS, breaks access keys and makes calls with them.
The local AWS records rejected calls in CloudTrail. Real AWS mostly does not (README.md).
"""
LEGEND: Final = """
Each line is a scenario: result, delay, what was broken → the cause in the alert, and the decision.
"ok" means that the alert came in time, with the expected cause, decision, severity and owner.
"""
NOTHING_FAILED: Final = "No function failed, no alarm rang, and no message is in the dead-letter queue."


def new_console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


@dataclass
class Display:
    """`examples` are the names of the scenarios whose alerts are shown in full, each with a title."""

    console: Console
    examples: Mapping[str, str]
    is_verbose: bool = False
    _shown: list[Outcome] = field(default_factory=list)

    def introduce(self) -> None:
        self.console.print(INTRODUCTION)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        with self.console.status(what):
            yield
        self.console.print(f"{what}: {time.monotonic() - began:.1f} s")

    def show(self, outcome: Outcome, total: int) -> None:
        if not self._shown:
            self.console.print(LEGEND)
        self._shown.append(outcome)
        self.console.print(self._line(outcome, total))
        for problem in outcome.problems:
            self.console.print(Text(f"{'':9}{problem}", "red"))
        for slow in outcome.delays:
            self.console.print(Text(f"{'':9}{slow}", "yellow"))
        if self.is_verbose:
            self.console.print(*panels(outcome, outcome.name), sep="\n")

    def _line(self, outcome: Outcome, total: int) -> Text:
        number = f"{len(self._shown):>2}/{total}"
        shown_result = Text(f"{result(outcome):<6}", "red" if outcome.problems else "green")
        text = f"{delay(outcome):<18} {outcome.name} → {causes(outcome)}: {decision(outcome)}"
        return Text.assemble(f"{number}  ", shown_result, f"  {text}")

    def summarize(self, folder: str) -> bool:
        """Returns True if all scenarios had the expected result."""
        if not self.is_verbose:
            self._show_examples()
        self.console.print("", table(self._shown))
        for outcome in self._shown:
            if outcome.note:
                self.console.print(Text(f"{outcome.name}: {outcome.note}"))
        passed = sum(not outcome.problems for outcome in self._shown)
        self.console.print(f"{passed} of {len(self._shown)} scenarios had the expected result.")
        self.console.print(Text(f"All alerts are in {folder}/, a file for each scenario."))
        return passed == len(self._shown)

    def _show_examples(self) -> None:
        self.console.print("\nThree of the alerts in full (VERBOSE=1 prints all of them as they arrive):\n")
        by_name = {outcome.name: outcome for outcome in self._shown}
        for name, title in self.examples.items():
            if name in by_name:
                self.console.print(panels(by_name[name], title)[0])


def panels(outcome: Outcome, title: str) -> list[Panel]:
    """The alerts in full, the first one after what the scenario did."""
    texts = [text_of_alert(alert) for alert in outcome.alerts] or ["No alert was sent."]
    texts[0] = f"{introduction(outcome)}\n\n{texts[0]}"
    return [Panel(Text(text), title=title, title_align="left") for text in texts]


def table(outcomes: Sequence[Outcome]) -> Table:
    shown = Table("scenario", "cause", "owner", "decision", "severity", "seconds to the alert", "result")
    for outcome in outcomes:
        attributes = outcome.alert.attributes if outcome.alert else {}
        seconds = f"{outcome.seconds:.1f}" if outcome.alert else "-"
        shown_result = Text(result(outcome), "red" if outcome.problems else "green")
        owner, severity = (attributes.get(name, "-") for name in ("owner", "severity"))
        shown.add_row(
            outcome.name, causes(outcome), owner, decision(outcome), severity, seconds, shown_result
        )
    return shown
