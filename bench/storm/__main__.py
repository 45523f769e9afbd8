"""`python -m bench.storm`: the storms of `make bench` alone, or one of another size."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser

from bench.console import console
from bench.events import report
from bench.storm.checks import figures
from bench.storm.measurement import measure_storms
from bench.storm.report import print_cost, print_storms
from bench.storm.scenario import STORMS, Storm


def main() -> int:
    began = time.monotonic()
    samples = measure_storms(_storms())
    print_storms(console, samples)
    print_cost(console, samples[0])
    missed = [figure for sample in samples for figure in figures(sample) if not figure.is_met]
    report.print_misses(console, missed)
    console.print(f"{time.monotonic() - began:.0f} s")
    return 1 if missed else 0


def _storms() -> tuple[Storm, ...]:
    parser = ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--events", type=int, help="how many; without it, the storms of `make bench`")
    parser.add_argument("--keys", type=int, default=Storm.keys)
    parser.add_argument(
        "--milliseconds", type=float, default=0, help="what each call of the function takes more"
    )
    given = parser.parse_args()
    if given.events is None:
        return STORMS
    return (Storm(events=given.events, keys=given.keys, call_seconds=given.milliseconds / 1000),)


if __name__ == "__main__":
    sys.exit(main())
