from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import settings

from tests.support.paths import ROOT

if TYPE_CHECKING:
    import pytest

# How long an example takes says something of the machine and of what else it does, nothing of the code. The
# same examples are drawn each time, so that a failure is due to the change; `make fuzz` goes on searching.
settings.register_profile("same-examples", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("same-examples")

# The tests that wait for a local AWS more than they calculate.
WAITING_FOLDERS = ("e2e", "local")
DEPLOYMENTS = ("administrator", "rotating_deployment", "deployment", "slow_deployment")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker gets a row of consecutive tests; one that has no more takes from the end of another's row.
    So each row begins with its share of the tests that wait: there are more workers than processors, and
    while some wait, others calculate. The tests of a deployment follow each other, because each worker that
    has one of them deploys its own.
    """
    items.sort(key=_place)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    waiting = [item for item in items if _folder(item) in WAITING_FOLDERS]
    others = (item for item in items if _folder(item) not in WAITING_FOLDERS)
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = waiting[len(waiting) * worker // workers : len(waiting) * (worker + 1) // workers]
        ordered += [*share, *islice(others, max(0, len(items) // workers - len(share)))]
    items[:] = [*ordered, *others]


def _place(item: pytest.Item) -> tuple[bool, ...]:
    """False sorts first."""
    fixtures = getattr(item, "fixturenames", ())
    return (
        *(name not in fixtures for name in DEPLOYMENTS),
        *(_folder(item) != name for name in WAITING_FOLDERS),
        item.get_closest_marker("slow") is None,
    )


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]
