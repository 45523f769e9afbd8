"""Compares the measurements with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.events.scenarios import ALL, EXEMPTION_READS, IMPORT_RATIO, LEDGER_QUERIES, Scenario
from bench.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.events.requests import Requests
    from bench.events.rig import Sample
    from bench.imports import ImportTimes


@dataclass(frozen=True, kw_only=True)
class Group:
    """All events of one scenario with one number of users."""

    scenario: Scenario
    users: int
    samples: tuple[Sample, ...]

    @property
    def requests(self) -> set[Requests]:
        return {sample.requests for sample in self.samples}

    @property
    def look_ups(self) -> int:
        return max(requests.look_ups for requests in self.requests)

    @property
    def milliseconds(self) -> list[float]:
        return [1000 * sample.seconds for sample in self.samples]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the most expensive event."""
        limits, where = self.scenario.limits, f"{self.scenario.name}, {self.users} users"
        return (
            Figure(f"{where}: AWS calls", max(r.calls for r in self.requests), limits.calls),
            Figure(f"{where}: DynamoDB reads", max(r.reads for r in self.requests), limits.reads),
            Figure(f"{where}: DynamoDB writes", max(r.writes for r in self.requests), limits.writes),
            Figure(f"{where}: ledger reads", max(r.ledger_reads for r in self.requests), limits.ledger_reads),
            Figure(f"{where}: queries of them", max(r.ledger_queries for r in self.requests), LEDGER_QUERIES),
            Figure(
                f"{where}: reads of exemptions",
                max(r.exemption_reads for r in self.requests),
                EXEMPTION_READS,
            ),
        )


def grouped(samples: Iterable[Sample]) -> list[Group]:
    """Groups by scenario, then by the number of users."""
    all_samples = list(samples)
    numbers = sorted({sample.users for sample in all_samples})
    return [
        Group(
            scenario=scenario,
            users=users,
            samples=tuple(s for s in all_samples if s.scenario == scenario and s.users == users),
        )
        for scenario in ALL
        for users in numbers
    ]


def requests_of(scenario: Scenario, groups: Iterable[Group]) -> set[Requests]:
    return {requests.course for group in groups if group.scenario == scenario for requests in group.requests}


def independence(groups: list[Group]) -> list[Figure]:
    """Checks that a scenario sends the same requests for every event and every number of users."""
    return [
        Figure(f"{scenario.name}: different courses of requests", len(requests_of(scenario, groups)), 1)
        for scenario in ALL
    ]


def import_ratios(times: ImportTimes) -> dict[str, Figure]:
    """How long each handler takes to import, compared with boto3 and one client."""
    return {
        name: Figure(
            f"import of {name}, times that of boto3 with one client", times.ratio(name), IMPORT_RATIO
        )
        for name in times.handlers
    }


def misses(groups: list[Group], others: Iterable[Figure]) -> list[Figure]:
    figures = [figure for group in groups for figure in group.figures]
    return [figure for figure in (*figures, *others) if not figure.is_met]
