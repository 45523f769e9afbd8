"""The layout of alerts: titled sections of indented lines, and commands to run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lambdas.diagnosis.domain.diagnosis import Remedy, RemedyKind

_REGIONAL = re.compile(
    r"\baws (cloudtrail|dynamodb|lambda|secretsmanager|sns) (?P<operation>[a-z-]+)(?! --region)"
)
# In front of what must not run if all is pasted: bash and zsh do nothing then.
_NOT_YET = "# "
_CHOOSE = "Choose one, and run it without the # (which is there so that nothing is changed if all is pasted):"


def render_body(sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Titles and their lines; a section without lines is left out."""
    return "\n\n".join(_section(title, lines) for title, lines in sections if lines) + "\n"


def what_to_run(remedies: Iterable[Remedy], region: str = "") -> list[str]:
    """Each command of a regional service names its region: `region`, unless it names another one."""
    listed = tuple(remedies)
    if sum(remedy.kind is RemedyKind.CHOICE for remedy in listed) < 2:  # noqa: PLR2004 -- nothing to choose
        return [line for remedy in listed for line in _as_listed(remedy, region)]
    looks = [remedy for remedy in listed if remedy.kind is RemedyKind.LOOK]
    choices = _choices([remedy for remedy in listed if remedy not in looks], region)
    return [_CHOOSE, *choices, *(line for remedy in looks for line in _as_listed(remedy, region))]


def _choices(remedies: Sequence[Remedy], region: str) -> Iterator[str]:
    word = "Either"
    for remedy in remedies:
        purpose = remedy.purpose
        if remedy.kind is RemedyKind.CHOICE:
            purpose, word = f"{word}: {purpose[0].lower()}{purpose[1:]}", "Or"
        yield from _lines(purpose, [f"{_NOT_YET}{command}" for command in remedy.commands], region)


def _as_listed(remedy: Remedy, region: str) -> list[str]:
    mark = _NOT_YET if remedy.kind is RemedyKind.LATER else ""
    return _lines(remedy.purpose, [f"{mark}{command}" for command in remedy.commands], region)


def _lines(purpose: str, commands: Iterable[str], region: str) -> list[str]:
    return [f"{purpose}:", *(f"  {_with_region(command, region)}" for command in commands)]


def _with_region(command: str, region: str) -> str:
    if not region or " --region" in command:
        return command
    return _REGIONAL.sub(lambda found: f"{found[0]} --region={region}", command)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)])
