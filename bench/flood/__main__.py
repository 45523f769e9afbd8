"""`python -m bench.flood`: the flood of `make bench` alone, or one of another size."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from bench.console import console
from bench.events import report
from bench.flood.measurement import measure_flood
from bench.flood.report import print_flood
from bench.flood.scenario import Flood


def main() -> int:
    parser = ArgumentParser(prog="python -m bench.flood", description=__doc__)
    parser.add_argument("--ids", type=int, default=Flood.ids)
    sample = measure_flood(Flood(ids=parser.parse_args().ids))
    print_flood(console, sample)
    missed = [figure for figure in sample.figures if not figure.is_met]
    report.print_misses(console, missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
