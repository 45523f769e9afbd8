"""The zip, checked without the virtual environment that would lend what it lacks."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from infra.functions import bundling
from infra.functions.bundling import bundle
from tests.infra.synthesis import of_type
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

HANDLERS = sorted(path.stem for path in (ROOT / "lambdas" / "handlers").glob("[!_]*.py"))
# What the runtime brings; botocore's jmespath is vendored, because Powertools needs it too.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "urllib3", "six.py")
IMPORT = """
import importlib, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + sys.argv[2:]
assert callable(importlib.import_module(sys.argv[1]).handler)
"""


def files_of(directory: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its content and mode: all that a zip of it holds but the time."""
    return {
        str(path.relative_to(directory)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        (directory / name).symlink_to(str(metadata.distribution("boto3").locate_file(name)))
    return directory


def test_the_zip_holds_our_code_and_the_pinned_packages_alone(asset: Path) -> None:
    assert {path.name for path in asset.iterdir() if not path.name.endswith(".dist-info")} == {
        "lambdas",
        "attr",
        "attrs",
        "aws_lambda_powertools",
        "cattr",
        "cattrs",
        "jmespath",
        "typing_extensions.py",
    }


def test_the_zip_holds_all_modules_of_lambdas_and_nothing_else_of_it(asset: Path) -> None:
    ours = {path.relative_to(ROOT) for path in (ROOT / "lambdas").rglob("*.py")}
    assert {path.relative_to(asset) for path in (asset / "lambdas").rglob("*") if path.is_file()} == ours


def test_the_zip_runs_on_any_processor_and_holds_nothing_of_this_machine(asset: Path) -> None:
    names = {path.name for path in asset.rglob("*")}
    assert not {Path(name).suffix for name in names} & {".so", ".pyd", ".dylib", ".pyc", ".env", ".pem"}
    assert not names & {"__pycache__", "bin", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def test_every_package_that_a_vendored_one_needs_is_vendored(asset: Path) -> None:
    texts = [path.read_text() for path in asset.glob("*.dist-info/METADATA")]
    packages = [HeaderParser().parsestr(text) for text in texts]
    all_needs = [Requirement(need) for package in packages for need in package.get_all("Requires-Dist", [])]
    runtime = {"python_version": bundling.PYTHON_VERSION, "extra": ""}
    needs = {need.name for need in all_needs if need.marker is None or need.marker.evaluate(runtime)}
    assert needs <= {package["Name"].replace("_", "-") for package in packages}


def test_all_may_read_the_code_whatever_the_umask_was(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        bundle(tmp_path / "bundle")
    finally:
        os.umask(umask)
    assert {mode for _, mode in files_of(tmp_path / "bundle").values()} == {0o644}


def test_the_same_sources_give_the_same_zip(asset: Path, tmp_path: Path) -> None:
    bundle(tmp_path)
    assert files_of(tmp_path) == files_of(asset)


def test_packages_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(tmp_path / "first")
    monkeypatch.setattr(bundling, "_install", pytest.fail)
    bundle(tmp_path / "second")


def test_only_source_files_leave_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lambdas = tmp_path / "lambdas"
    (lambdas / "__pycache__").mkdir(parents=True)
    for name in (".env", "notes.txt", "credentials.json", "__pycache__/a.pyc", "a.py"):
        (lambdas / name).touch()
    (lambdas / "requirements.txt").write_text((ROOT / "lambdas" / "requirements.txt").read_text())
    monkeypatch.setattr(bundling, "ROOT", tmp_path)
    monkeypatch.setattr(bundling, "LAMBDAS", lambdas)
    bundle(tmp_path / "bundle")
    assert [*files_of(tmp_path / "bundle" / "lambdas")] == ["a.py"]


def test_every_function_has_its_handler(template: Json) -> None:
    functions = of_type(template, "AWS::Lambda::Function").values()
    assert sorted(function["Handler"] for function in functions) == [
        f"lambdas.handlers.{name}.handler" for name in HANDLERS
    ]


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_imports_with_the_zip_and_the_runtime_alone(
    handler: str, template: Json, asset: Path, runtime: Path
) -> None:
    finished = import_isolated(
        f"lambdas.handlers.{handler}", [asset, runtime], environment_of(handler, template)
    )
    assert finished.returncode == 0, finished.stderr


def test_that_import_fails_when_a_package_is_missing_from_the_zip(runtime: Path) -> None:
    finished = import_isolated("aws_lambda_powertools", [runtime], {})
    assert "No module named 'aws_lambda_powertools'" in finished.stderr


def import_isolated(
    module: str, paths: list[Path], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    # -I without -S would still look into site-packages.
    command = [sys.executable, "-I", "-S", "-B", "-c", IMPORT, module, *map(str, paths)]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603


def environment_of(handler: str, template: Json) -> dict[str, str]:
    """The environment of the function, with a made-up text for values known only at deployment."""
    (function,) = (
        function
        for function in of_type(template, "AWS::Lambda::Function").values()
        if function["Handler"] == f"lambdas.handlers.{handler}.handler"
    )
    variables = function["Environment"]["Variables"].items()
    known = {name: value if isinstance(value, str) else "made-up" for name, value in variables}
    return known | {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
