from __future__ import annotations

import os

import pytest
from hypothesis import settings

# How long an example takes says something of the machine and of what else it does, nothing of the code. What
# `.ci/run` draws is always the same, so that it tells of the change; a developer's run goes on searching.
settings.register_profile("any-machine", deadline=None, derandomize="SAME_EXAMPLES" in os.environ)
settings.load_profile("any-machine")

# Those that take longest first, so that no worker is left alone with them in the end.
STAGES = ("rotating_stage", "stage", "slow_stage")
# Its tests take long each, and share nothing.
ALONE = ("tests/unit/test_rotation_crashes.py",)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of a stage go to one worker, since each worker deploys its own; so do those of any other file
    that has something to share.
    """
    for item in items:
        if group := _group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: STAGES.index(stage) if (stage := _stage_of(item)) else len(STAGES))


def _group_of(item: pytest.Item) -> str:
    path = item.nodeid.partition("::")[0]
    return _stage_of(item) or ("" if path in ALONE else path)


def _stage_of(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    return next((stage for stage in STAGES if stage in fixtures), "")
