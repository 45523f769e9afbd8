"""docs/architecture.md shows the folders that exist, in the order in which they may import each other."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import DOCS, code, fences, rows, sections
from tests.support.paths import ROOT

PAGE = sections(DOCS / "architecture.md")
LAMBDAS = ROOT / "lambdas"
PACKAGES = ("__init__.py", "__pycache__")


def tree() -> list[str]:
    """The names below `lambdas/`, from top to bottom."""
    [shown] = fences(PAGE["Rooms"])
    head, *lines = shown.splitlines()
    assert head == "lambdas/"
    return [line.split()[0].rstrip("/") for line in lines]


def layers() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [rooms] = [it for it in contracts if it.get("containers") == ["lambdas"]]
    return [name for layer in rooms["layers"] for name in layer.split(" | ")]


def test_the_tree_shows_every_room_and_module_of_lambdas() -> None:
    there = {path.name for path in LAMBDAS.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert {*tree()} == there - {*PACKAGES}


def test_the_tree_has_the_order_of_the_import_contract() -> None:
    assert [name.removesuffix(".py") for name in tree()] == layers()


def test_each_room_has_one_line_that_says_what_it_does() -> None:
    [shown] = fences(PAGE["Rooms"])
    described = re.findall(r"^  (\w+)/ +\S+ .+$", shown, re.MULTILINE)
    assert described == [name for name in tree() if not name.endswith(".py")]


def test_the_page_names_every_function_that_there_is() -> None:
    handlers = {path.stem for path in (LAMBDAS / "handlers").glob("*.py")} - {"__init__"}
    assert {name for row in rows(PAGE["Overview"]) for name in code(row[0])} == handlers


def test_the_page_names_every_folder_of_code() -> None:
    [shown] = fences(PAGE["Folders"])
    named = {line.split()[0].rstrip("/") for line in shown.splitlines()}
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"docs"}
    assert named == there
