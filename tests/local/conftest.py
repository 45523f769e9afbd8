from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.emulator.process import LocalAws, start
from local.emulator.settings import Settings
from tests.local.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    server = start(tmp_path_factory.mktemp("aws"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def other_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """With the opposite of every default setting."""
    settings = Settings(
        unknown_key="NoSuchEntity",
        key_propagation_seconds=1,
        listing_lag_seconds=2,
        record_calls=False,
        lookups_per_second=2,
        denied_calls_are_uses=False,
    )
    server = start(tmp_path_factory.mktemp("other-aws"), settings=settings)
    yield server
    server.stop()


@pytest.fixture
def bench(aws: LocalAws) -> Workbench:
    return Workbench(aws)
