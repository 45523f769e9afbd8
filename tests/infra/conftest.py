from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config import Config
from tests.infra.synthesis import CONFIG, Json, of_type, synthesise

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assembly")


@pytest.fixture(scope="session")
def template(assembly: Path) -> Json:
    return synthesise(Config.from_context(CONFIG), assembly)


@pytest.fixture(scope="session")
def asset(template: Json, assembly: Path) -> Path:
    """The directory that becomes the functions' zip."""
    keys = {function["Code"]["S3Key"] for function in of_type(template, "AWS::Lambda::Function").values()}
    assert len(keys) == 1, "one zip for all functions"
    return assembly / f"asset.{keys.pop().removesuffix('.zip')}"
