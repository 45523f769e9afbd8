"""`make bench`: what an event, a sync of the ledger and a storm cost, and whether each target is met."""

from __future__ import annotations

import sys
import time

from bench.console import console
from bench.events import report
from bench.events.checks import Group, grouped, import_ratios, independence, misses
from bench.events.measurement import measure
from bench.events.scenarios import NUMBERS_OF_USERS, SYNCED_USERS
from bench.imports import ImportTimes, measure_imports
from bench.storm.checks import figures as storm_figures
from bench.storm.measurement import measure_storms
from bench.storm.report import print_cost, print_storms
from bench.storm.scenario import STORMS
from bench.sync import report as sync_report
from bench.sync.measurement import SyncSample, measure_sync

WARM_EVENTS = 11
COLD_EVENTS = 3
IMPORTS = 7


def main() -> int:
    began = time.monotonic()
    groups, imports, syncs = measure_events(), measure_import_times(), measure_syncs()
    storms = measure_storms(STORMS)
    others = [figure for sync in syncs for figure in sync.figures]
    others += [figure for storm in storms for figure in storm_figures(storm)]
    missed = misses(groups, [*independence(groups), *import_ratios(imports).values(), *others])
    report.print_events(console, groups)
    report.print_requests(console, groups)
    report.print_imports(console, imports)
    sync_report.print_syncs(console, syncs)
    print_storms(console, storms)
    print_cost(console, storms[0])
    report.print_misses(console, missed)
    console.print(f"{time.monotonic() - began:.0f} s")
    return 1 if missed else 0


def measure_events() -> list[Group]:
    samples = []
    for users in NUMBERS_OF_USERS:
        with console.status(f"Events with {users} users"):
            samples += measure(users, warm_events=WARM_EVENTS, cold_events=COLD_EVENTS)
    return grouped(samples)


def measure_import_times() -> ImportTimes:
    with console.status("Imports"):
        return measure_imports(IMPORTS)


def measure_syncs() -> list[SyncSample]:
    samples = []
    for users in SYNCED_USERS:
        with console.status(f"Sync of {users} users"):
            samples.append(measure_sync(users))
    return samples


if __name__ == "__main__":
    sys.exit(main())
