"""Subscribes `read_logs` to the configured log groups, and unsubscribes it from those taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lambdas.detection.ports import LogSubscriptions
from lambdas.errors import PermanentError, TransientError


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A log group that fails makes none of the others wait. The answers are reasons by log group."""

    subscriptions: LogSubscriptions

    def subscribe(self, log_groups: Iterable[str]) -> dict[str, str]:
        return _failures(self.subscriptions.put, log_groups)

    def unsubscribe(self, log_groups: Iterable[str]) -> dict[str, str]:
        return _failures(self.subscriptions.remove, log_groups)


def _failures(change: Callable[[str], None], log_groups: Iterable[str]) -> dict[str, str]:
    failures = {}
    for log_group in log_groups:
        try:
            change(log_group)
        except (PermanentError, TransientError) as error:
            failures[log_group] = str(error)
    return failures
