"""The layout of alerts: titled sections of indented lines, and commands to run."""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.diagnosis.domain.diagnosis import Remedy


def render_body(sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Titles and their lines; a section without lines is left out."""
    return "\n\n".join(_section(title, lines) for title, lines in sections if lines) + "\n"


def what_to_run(remedies: Iterable[Remedy]) -> list[str]:
    return [
        line
        for remedy in remedies
        for line in (f"{remedy.purpose}:", *(f"  {command}" for command in remedy.commands))
    ]


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)])
