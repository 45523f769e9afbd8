"""`make demo`: breaks access keys on a local AWS and shows the alerts as their recipients read them."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from local.aws.process import LocalAwsError
from local.cdk import ROOT, CdkError
from local.demo.outages import OUTAGES, begin, follow
from local.demo.play import Outcome, play, play_a_healthy_look_alike
from local.demo.scenarios import SCENARIOS
from local.stage import Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.inbox import Received

console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def main() -> int:
    console.print("[bold]Access Key Remediator[/bold]: keys are broken, calls fail, their owners are told.")
    console.print("The local AWS records refused calls in CloudTrail; real AWS mostly does not (README).\n")
    try:
        with open_stage(ROOT / ".local" / "demo", step=step) as stage:
            outcomes = perform(stage)
    except (LocalAwsError, CdkError) as error:
        console.print(Text(f"\n{error}", style="red"))
        return 1
    console.print(summary(outcomes))
    passed = sum(not outcome.problems for outcome in outcomes)
    for outcome in outcomes:
        for problem in outcome.problems:
            console.print(Text(f"{outcome.name}: {problem}", style="red"))
    console.print(f"{passed} of {len(outcomes)} scenarios")
    return 0 if passed == len(outcomes) else 1


@contextmanager
def step(what: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(what):
        yield
    console.print(f"{what}: {time.monotonic() - began:.1f} s")


def perform(stage: Stage) -> list[Outcome]:
    """The outages begin first, because they take a while: a deletion waits for the deletion of its user."""
    outcomes = []
    with progress() as bar:
        task = bar.add_task("keys in use are switched off", total=len(SCENARIOS) + len(OUTAGES) + 1)
        begun = begin(stage, OUTAGES)
        acts = [(scenario.name, partial(play, stage, scenario)) for scenario in SCENARIOS]
        acts += [("a healthy key", partial(play_a_healthy_look_alike, stage))]
        acts += [(it.outage.name, partial(follow, stage, it)) for it in begun]
        for name, act in acts:
            bar.update(task, description=name)
            outcomes.append(act())
            bar.console.print(*letters(outcomes[-1]), sep="\n")
            bar.advance(task)
    return outcomes


def progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def letters(outcome: Outcome) -> list[Panel]:
    """The alerts as their recipient reads them, or that none came."""
    if outcome.alert is None:
        return [Panel("No alert was sent.", title=outcome.name, title_align="left")]
    first = letter(outcome.alert, f"{outcome.name}: after {outcome.seconds:.1f} s")
    return [first, letter(outcome.later, f"{outcome.name}: a call fails")] if outcome.later else [first]


def letter(alert: Received, title: str) -> Panel:
    text = Text(f"Subject: {alert.subject}\n\n{alert.body}".rstrip())
    return Panel(text, title=title, title_align="left")


def summary(outcomes: list[Outcome]) -> Table:
    table = Table("scenario", "cause", "owner", "decision", "severity", "seconds from call to alert", "")
    for outcome in outcomes:
        told = outcome.alert.attributes if outcome.alert else {"decision": outcome.decision}
        seconds = f"{outcome.seconds:.1f}" if outcome.alert else "no alert"
        verdict = Text("failed", "red") if outcome.problems else Text("ok", "green")
        cells = [told.get(name, "-") for name in ("owner", "decision", "severity")]
        table.add_row(outcome.name, _causes(outcome), *cells, seconds, verdict)
    return table


def _causes(outcome: Outcome) -> str:
    alerts = (outcome.alert, outcome.later)
    return ", then ".join(alert.attributes["cause"] for alert in alerts if alert) or "-"


if __name__ == "__main__":
    sys.exit(main())
