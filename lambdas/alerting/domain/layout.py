"""The layout of alerts: titled sections of indented lines, and commands to run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lambdas.diagnosis.domain.diagnosis import Remedy, RemedyKind

_REGIONAL = re.compile(r"\baws (cloudtrail|dynamodb|ec2|lambda|secretsmanager|sns) (?P<operation>[a-z-]+)")
_NAMES_A_REGION = re.compile(r" --region[= ]")
# In front of what must not run if all is pasted: bash and zsh do nothing then.
_NOT_YET = "# "
_WITHOUT_MARK = "without the # (which is there so that nothing is changed if all is pasted):"
_CHOOSE = f"Choose one, and run it {_WITHOUT_MARK}"
_IN_ORDER = f"Run these in this order, {_WITHOUT_MARK}"


def render_body(sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Titles and their lines; a section without lines is left out."""
    return "\n\n".join(_section(title, lines) for title, lines in sections if lines) + "\n"


def what_to_run(remedies: Iterable[Remedy], region: str = "") -> list[str]:
    """Each command of a regional service names its region: `region`, unless it names another one."""
    listed = tuple(remedies)
    kinds = [remedy.kind for remedy in listed]
    several = kinds.count(RemedyKind.CHOICE) > 1
    if not several and RemedyKind.NEXT not in kinds:
        return [line for remedy in listed for line in _as_listed(remedy, region)]
    looks = [remedy for remedy in listed if remedy.kind is RemedyKind.LOOK]
    rest = [remedy for remedy in listed if remedy not in looks]
    changes = _choices(rest, region) if several else _not_yet(rest, region)
    then = (line for remedy in looks for line in _as_listed(remedy, region))
    return [_CHOOSE if several else _IN_ORDER, *changes, *then]


def _choices(remedies: Sequence[Remedy], region: str) -> Iterator[str]:
    word = "Either"
    for remedy in remedies:
        purpose = remedy.purpose
        if remedy.kind is RemedyKind.CHOICE:
            purpose, word = f"{word}: {purpose[0].lower()}{purpose[1:]}", "Or"
        yield from _not_yet([replace(remedy, purpose=purpose)], region)


def _not_yet(remedies: Iterable[Remedy], region: str) -> Iterator[str]:
    for remedy in remedies:
        yield from _lines(remedy.purpose, [f"{_NOT_YET}{command}" for command in remedy.commands], region)


def _as_listed(remedy: Remedy, region: str) -> list[str]:
    if remedy.kind is RemedyKind.LATER:
        return [*_not_yet([remedy], region)]
    return _lines(remedy.purpose, remedy.commands, region)


def _lines(purpose: str, commands: Iterable[str], region: str) -> list[str]:
    return [f"{purpose}:", *(f"  {_with_region(command, region)}" for command in commands)]


def _with_region(command: str, region: str) -> str:
    if not region or _NAMES_A_REGION.search(command):
        return command
    return _REGIONAL.sub(lambda found: f"{found[0]} --region={region}", command)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)])
