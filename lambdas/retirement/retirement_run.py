"""One hourly run over all managed secrets. Each fails alone, and the next run resumes after the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lambdas.errors import TransientError
from lambdas.observability import logger
from lambdas.retirement.retirer import RetirementStep
from lambdas.rotation.ports import SecretGoneError

SECONDS_FOR_A_SECRET = 20


class RetirementCursor(Protocol):
    """The last managed secret that a run started. Both methods raise TransientError."""

    def resume_order(self, names: Sequence[str]) -> list[str]:
        """All names, starting after the last one that was started."""
        ...

    def start(self, name: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    failures: int  # secrets that could not be processed, and notifications that could not be sent
    secrets_left: int  # secrets that the run had no time for


@dataclass(kw_only=True, eq=False, repr=False)
class RetirementRun:
    all_names: Callable[[], list[str]]  # of the managed secrets
    cursor: RetirementCursor
    retire: Callable[[str], list[RetirementStep]]
    notify: Callable[[RetirementStep], None]
    report_deleted: Callable[[str], None]

    def process_all(self, seconds_left: Callable[[], float]) -> RunOutcome:
        """Raises TransientError if the names or the cursor cannot be read or written."""
        failures, left = 0, self.cursor.resume_order(self.all_names())
        while left and seconds_left() >= SECONDS_FOR_A_SECRET:
            self.cursor.start(left[0])
            failures += self._count_failures(left.pop(0))
        return RunOutcome(failures=failures, secrets_left=len(left))

    def _count_failures(self, name: str) -> int:
        try:
            return self._process(name)
        except Exception:  # noqa: BLE001 -- counted, and alarmed; the other secrets must go on
            logger.exception("a managed secret could not be processed", secret=name)
            return 1

    def _process(self, name: str) -> int:
        """The number of notifications that could not be sent."""
        try:
            steps = self.retire(name)
        except SecretGoneError:
            logger.info("the managed secret is gone", secret=name)
            self.report_deleted(name)
            return 0
        for step in steps:
            logger.info("key processed", secret=name, key=step.access_key_id, step=step.step)
        return sum(not self._is_sent(step) for step in steps)

    def _is_sent(self, step: RetirementStep) -> bool:
        try:
            self.notify(step)
        except TransientError as error:
            logger.warning(
                "the notification could not be sent",
                secret=step.secret_name,
                step=step.step,
                reason=str(error),
            )
            return False
        return True
