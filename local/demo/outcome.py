"""The expected and the actual result of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.inbox import Received

PROMISED_SECONDS = 5.0
PROMISED_TOGETHER_SECONDS = 12.0  # for keys in use that are all deactivated at once


@dataclass(frozen=True)
class ExpectedAlert:
    """The attributes that an alert must have, and how soon it must arrive."""

    attributes: Mapping[str, str]
    seconds: float = PROMISED_SECONDS

    def problems_with(self, alert: Received | None) -> Iterator[str]:
        if alert is None:
            yield f"no alert within {TIMEOUT_SECONDS} s"
            return
        for name, value in self.attributes.items():
            if alert.attributes[name] != value:
                yield f"{name} is {alert.attributes[name]}, not {value}"

    def delay_of(self, alert: Received | None, since: float) -> tuple[str, ...]:
        """A line if the alert was late, which is no fault of the product on a busy machine.

        `since` is when the call was rejected or the key was deactivated, by the monotonic clock.
        """
        if alert is None or alert.at - since <= self.seconds:
            return ()
        return (
            f"the alert took {alert.at - since:.1f} s instead of {self.seconds:.0f} s: is the machine busy?",
        )

    def __str__(self) -> str:
        attributes = ", ".join(f"{name} {value}" for name, value in self.attributes.items() if value != "-")
        return f"{attributes}, within {self.seconds:.0f} s"


@dataclass(frozen=True)
class Outcome:
    name: str
    description: str  # what the scenario does, for a reader who knows nothing of it
    expected: tuple[str, ...]  # a line for each alert that is expected, or what is expected instead
    alert: Received | None
    seconds: float  # from the first rejected call, or the deactivation of a key in use, to the alert
    problems: tuple[str, ...]  # differences from what is expected; none if the scenario passed
    delays: tuple[str, ...] = ()  # alerts that took longer than on an idle machine
    decision: str = "-"  # that of the incident if no alert was sent
    later: Received | None = None  # the alert for the failure that the first alert predicted
    note: str = ""  # what else was observed, such as the recovery of an application

    @property
    def alerts(self) -> list[Received]:
        return [alert for alert in (self.alert, self.later) if alert]

    def with_note(self, note: str, *problems: str) -> Outcome:
        return replace(self, note=note, problems=(*self.problems, *problems))
