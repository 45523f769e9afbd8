"""What a checker finds, and which findings are accepted."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, order=True)
class Finding:
    """`resource` is its type and its logical id."""

    rule: str
    resource: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """`resources` are patterns of the findings' resources."""

    rules: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        return finding.rule in self.rules and any(
            fnmatchcase(finding.resource, resources) for resources in self.resources
        )


def not_accepted(findings: Iterable[Finding], accepted: Iterable[Accepted]) -> list[Finding]:
    entries = [*accepted]
    return sorted(finding for finding in findings if not any(entry.covers(finding) for entry in entries))


def no_longer_found(findings: Iterable[Finding], accepted: Iterable[Accepted]) -> list[str]:
    """The accepted rules and resources of which nothing was found."""
    found = [*findings]
    return [
        f"{rule} on {resources}"
        for entry in accepted
        for rule in entry.rules
        for resources in entry.resources
        if not any(finding.rule == rule and fnmatchcase(finding.resource, resources) for finding in found)
    ]
