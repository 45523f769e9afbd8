from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# How long an example takes says something of the machine and of what else it does, nothing of the code. The
# same examples are drawn each time, so that a failure tells of the change; `make fuzz` goes on searching.
settings.register_profile("same-examples", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("same-examples")

# Those that take longest first, so that no worker is left alone with them in the end.
STAGES = ("rotating_stage", "stage", "slow_stage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a stage follow each other: a worker gets many in a row, and each deploys its own stage."""
    items.sort(key=lambda item: STAGES.index(stage) if (stage := _stage_of(item)) else len(STAGES))


def _stage_of(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    return next((stage for stage in STAGES if stage in fixtures), "")
