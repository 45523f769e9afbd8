"""`make cost`: the tables of docs/cost.md."""

from __future__ import annotations

import sys

from bench.cost.report import report

if __name__ == "__main__":
    sys.stdout.write(report())
