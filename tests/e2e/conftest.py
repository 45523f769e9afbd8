"""One local AWS with the stack deployed, for all end-to-end tests of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.stage import Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("stage")) as opened:
        yield opened
