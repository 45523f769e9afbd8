"""The tables of values in the pages are complete: causes, decisions, severities, transitions."""

from __future__ import annotations

import json

import pytest

from tests.docs.pages import DOCS, first_column, sections

SCHEMA = json.loads((DOCS / "incident-event.schema.json").read_text())


@pytest.mark.parametrize(
    ("page", "section", "field"),
    [
        ("alerts.md", "Causes", "cause"),
        ("alerts.md", "Decisions", "decision"),
        ("alerts.md", "Severity", "severity"),
        ("events.md", "Transitions", "transition"),
    ],
)
def test_a_table_has_every_value_of_its_field(page: str, section: str, field: str) -> None:
    described = first_column(sections(DOCS / page)[section])
    assert described == {*SCHEMA["properties"][field]["enum"]}
