"""The pages of the documentation, and what the tests read from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = (README, *sorted(DOCS.rglob("*.md")))

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^## (?P<title>.+?)$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
# A head, the line below it, and the rows.
_TABLE = re.compile(r"^\|.*\n\|[ :|-]+\n(?P<rows>(?:\|.*(?:\n|\Z))*)", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def without_fences(text: str) -> str:
    """Each line keeps its number."""
    return _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)


def fences(text: str) -> list[str]:
    """What stands in each block of code."""
    return [block.split("\n", 1)[1].removesuffix("```") for block in _FENCE.findall(text)]


def sections(page: Path) -> dict[str, str]:
    """The text below each heading of the second level."""
    return {found["title"]: found["text"] for found in _SECTION.finditer(page.read_text())}


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = _HEADING.findall(without_fences(page.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of all tables."""
    lines = [line for table in _TABLE.finditer(text) for line in table["rows"].splitlines()]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", without_fences(text))


def first_column(text: str) -> set[str]:
    """The values in backticks of the first cell of each row."""
    return {value for row in rows(text) for value in code(row[0])}
