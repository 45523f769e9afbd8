"""What every page keeps: its links and paths exist, the index has it, and its lines can be read in a diff."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, PAGES, README, anchors, code, fences, name_of, without_fences
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 120
LONGEST_README = 120  # lines
INDEX = DOCS / "README.md"
LAMBDAS = ROOT / "lambdas"
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
_CREATED_BY_MAKE = {".build", ".local", ".venv", "cdk.out"}
_SUFFIXES = (".py", ".md", ".json", ".toml", ".txt")

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def links(page: Path) -> list[str]:
    targets = (found["target"] for found in _LINK.finditer(without_fences(page.read_text())))
    return [target for target in targets if "://" not in target]


def paths(page: Path) -> list[str]:
    """The code, tests and documents that the page names; a room's without `lambdas/`."""
    folders = {path.name for folder in (ROOT, LAMBDAS) for path in folder.iterdir() if path.is_dir()}
    roots = folders - _CREATED_BY_MAKE
    named = (text.partition("::")[0] for text in code(page.read_text()))
    return [it for it in named if _PATH.fullmatch(it) and _is_path(it, roots)]


def _is_path(text: str, roots: set[str]) -> bool:
    first, slash, _ = text.partition("/")
    return first in roots if slash else text.endswith(_SUFFIXES)


@every_page
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [path for path in paths(page) if not is_there(path)] == []


def is_there(path: str) -> bool:
    """In the repository, in a room without `lambdas/`, or in any room where the name stands alone."""
    is_of_a_room = "/" not in path and any(LAMBDAS.glob(f"*/{path}"))
    return is_of_a_room or any((folder / path).exists() for folder in (ROOT, LAMBDAS, DOCS))


@every_page
def test_every_module_that_a_command_of_a_page_runs_exists(page: Path) -> None:
    for module in re.findall(r"python -m ((?:bench|local)[\w.]*)", page.read_text()):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@every_page
def test_every_target_of_make_that_a_page_names_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = page.read_text()
    named = re.findall(r"\bmake ([a-z]+)", "\n".join([*code(text), *fences(text)]))
    assert set(named) <= {*targets}


@every_page
def test_the_index_has_every_page(page: Path) -> None:
    listed = {(DOCS / link).resolve() for link in links(INDEX)}
    assert page in listed or page == INDEX


def test_the_index_has_every_schema_and_example() -> None:
    listed = {(DOCS / link).resolve() for link in links(INDEX)}
    assert {*DOCS.rglob("*.json"), *DOCS.rglob("*.py")} <= listed


@every_page
def test_a_line_is_short_where_its_source_allows(page: Path) -> None:
    lines = without_fences(page.read_text()).splitlines()
    free = [line for line in lines if not line.startswith("|") and "](" not in line]
    assert [line for line in free if len(line) > LONGEST_LINE] == []


@every_page
def test_a_page_has_one_title(page: Path) -> None:
    titles = re.findall(r"^# .+$", without_fences(page.read_text()), re.MULTILINE)
    assert len(titles) == 1


@pytest.mark.parametrize("page", [it for it in PAGES if it.parent.name == "decisions"], ids=name_of)
def test_a_decision_has_its_number_and_its_three_parts(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= LONGEST_README


def test_the_alert_in_the_readme_is_the_beginning_of_its_golden_file() -> None:
    [shown] = [block for block in fences(README.read_text()) if block.startswith("Subject: ")]
    assert (ROOT / "tests" / "golden" / "key-inactive.txt").read_text().startswith(shown)


def test_the_readme_names_the_oldest_python_that_the_project_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert f"Python {oldest} or newer" in README.read_text()


@every_page
def test_no_command_needs_a_particular_version_of_the_aws_cli(page: Path) -> None:
    """Version 1 does not know --cli-binary-format, and version 2 takes a literal --payload for base64."""
    text = page.read_text()
    assert "--cli-binary-format" not in text
    assert {*re.findall(r"--payload (\S+)", text)} <= {"fileb:///dev/stdin"}
