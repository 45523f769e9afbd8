from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from tests.infra.configurations import CONFIGURATIONS
from tests.infra.synthesis import CONFIG, Json, of_type, synthesise, synthesise_all

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assembly")


@pytest.fixture(scope="session")
def template(assembly: Path) -> Json:
    return synthesise(Config.from_context(CONFIG), assembly)


@pytest.fixture(scope="session")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The templates of a deployment to eu-central-1 that also covers us-west-2 and the region of IAM."""
    config = Config.from_context(CONFIG | {"regions": ["us-west-2"]})
    return synthesise_all(config, tmp_path_factory.mktemp("abroad"), region="eu-central-1")


@pytest.fixture(scope="session")
def asset(template: Json, assembly: Path) -> Path:
    """The directory that becomes the functions' zip."""
    keys = {function["Code"]["S3Key"] for function in of_type(template, "AWS::Lambda::Function").values()}
    assert len(keys) == 1, "one zip for all functions"
    return assembly / f"asset.{keys.pop().removesuffix('.zip')}"


@pytest.fixture(scope="session")
def every_template(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    return [
        template
        for name, (context, region) in CONFIGURATIONS.items()
        for template in synthesise_all(
            Config.from_context(context), tmp_path_factory.mktemp(name), region=region
        ).values()
    ]
