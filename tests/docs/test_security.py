"""docs/security.md names tests that exist."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS
from tests.support.paths import ROOT

NAMED = re.findall(r"`(test_\w+)`", (DOCS / "security.md").read_text())
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))


def test_every_test_that_the_page_names_exists() -> None:
    assert NAMED
    assert [name for name in NAMED if f"def {name}(" not in TESTS] == []
