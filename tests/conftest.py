from __future__ import annotations

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

# Those that take longest first, so that no worker is left alone with them in the end.
DEPLOYMENTS = ("administrator", "rotating_deployment", "deployment", "slow_deployment")
FOLDERS = ("e2e", "local")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a deployment follow each other: a worker gets many in a row, and each deploys its own."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, ...]:
    """False sorts first."""
    fixtures = getattr(item, "fixturenames", ())
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return (
        *(name not in fixtures for name in DEPLOYMENTS),
        *(folder != name for name in FOLDERS),
        item.get_closest_marker("slow") is None,
    )
