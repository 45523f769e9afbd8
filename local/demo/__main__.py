"""`make demo`: breaks access keys on a local AWS and shows the resulting alerts."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from local.cdk import ROOT, CdkError
from local.demo.automation import AUTOMATIONS
from local.demo.blocked_rotations import (
    REFUSALS,
    be_out_of_budget,
    be_refused,
    be_stopped,
    prepare,
    switch_off,
)
from local.demo.predictions import OUTAGES, begin, follow
from local.demo.rotations import (
    ask,
    cautious_user,
    go_back,
    killed,
    rotated_user,
    survive,
    working_consumer,
)
from local.demo.scenario_runner import Outcome, play, play_a_healthy_look_alike
from local.demo.scenarios import SCENARIOS
from local.deployment import Stage, open_stage
from local.emulator.process import LocalAwsError
from local.failures import UnexpectedFailuresError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import TaskID

    from local.inbox import Received

console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def main() -> int:
    console.print("[bold]Access Key Remediator[/bold]: keys are broken, calls fail, their owners are told.")
    console.print("The local AWS records refused calls in CloudTrail; real AWS mostly does not (README).\n")
    try:
        rotation = {"automations": AUTOMATIONS}
        with open_stage(ROOT / ".local" / "demo", step=step, mode="auto", rotation=rotation) as stage:
            passed = report(perform(stage))
    except (LocalAwsError, CdkError, UnexpectedFailuresError) as error:
        console.print(Text(f"\n{error}", style="red"))
        return 1
    return 0 if passed else 1


def report(outcomes: list[Outcome]) -> bool:
    """True if all scenarios had the expected result."""
    console.print(summary(outcomes))
    passed = sum(not outcome.problems for outcome in outcomes)
    for outcome in outcomes:
        for problem in outcome.problems:
            console.print(Text(f"{outcome.name}: {problem}", style="red"))
    for outcome in outcomes:
        if outcome.note:
            console.print(Text(f"{outcome.name}: {outcome.note}"))
    console.print(f"{passed} of {len(outcomes)} scenarios")
    return passed == len(outcomes)


@contextmanager
def step(what: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(what):
        yield
    console.print(f"{what}: {time.monotonic() - began:.1f} s")


def perform(stage: Stage) -> list[Outcome]:
    """Starts the slow scenarios first, those that wait for a user's deletion or the test of a new key.

    The users are enrolled before them, so that this delays no measurement of an alert.
    """
    with progress() as bar, ExitStack() as until_the_end:
        task = bar.add_task("users are enrolled", total=None)
        ours, consumer = until_the_end.enter_context(working_consumer(stage))
        approving, returning = cautious_user(stage), rotated_user(stage)
        to_be_refused = [prepare(stage, refusal) for refusal in REFUSALS]
        bar.update(task, description="keys in use are switched off")
        begun = begin(stage, OUTAGES)
        death, cautious, dead_again = killed(ours), killed(approving), killed(returning)
        refused = [switch_off(it) for it in to_be_refused]
        acts = [(scenario.name, partial(play, stage, scenario)) for scenario in SCENARIOS]
        acts += [("a healthy key", partial(play_a_healthy_look_alike, stage))]
        acts += [(it.outage.name, partial(follow, stage, it)) for it in begun]
        acts += [("a rotation", partial(survive, death, consumer)), ("an approval", partial(ask, cautious))]
        acts += [("a fail over", partial(go_back, dead_again))]
        acts += [(it.prepared.refusal.name, partial(be_refused, it)) for it in refused]
        acts += [("the budget", partial(be_out_of_budget, stage))]
        acts += [("the kill switch", partial(be_stopped, stage))]
        bar.update(task, total=len(acts))
        return list(performed(acts, bar, task))


def performed(
    acts: Sequence[tuple[str, Callable[[], Outcome]]], bar: Progress, task: TaskID
) -> Iterator[Outcome]:
    for name, act in acts:
        bar.update(task, description=name)
        outcome = act()
        bar.console.print(*letters(outcome), sep="\n")
        bar.advance(task)
        yield outcome


def progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def letters(outcome: Outcome) -> list[Panel]:
    """The alerts in full, or a note that there was none."""
    if outcome.alert is None:
        return [Panel("No alert was sent.", title=outcome.name, title_align="left")]
    shown = [letter(outcome.alert, f"{outcome.name}: after {outcome.seconds:.1f} s")]
    shown += [letter(outcome.later, f"{outcome.name}: a call fails")] if outcome.later else []
    return [*shown, Panel(outcome.note, title=outcome.name, title_align="left")] if outcome.note else shown


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
