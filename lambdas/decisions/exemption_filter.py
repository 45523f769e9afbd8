"""Which exemptions suppress an incident's alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.decisions.domain.exemption_matching import clause, matching_exemptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller
    from lambdas.decisions.ports import Exemptions
    from lambdas.diagnosis.domain.cause import Cause
    from lambdas.diagnosis.domain.diagnosis import Case


@dataclass(frozen=True, kw_only=True)
class ExemptionFilter:
    """`tell_failure` is told why the exemptions could not be read."""

    exemptions: Exemptions
    clock: Callable[[], datetime]
    tell_failure: Callable[[Exception], None]

    def clause_for(self, case: Case, cause: Cause, callers: Iterable[Caller]) -> str:
        """Names the exemptions that apply; empty where none does, or they cannot be read: whoever breaks
        the table silences nothing by it.
        """
        try:
            every = self.exemptions.every()
        except Exception as error:  # noqa: BLE001 -- told, and alarmed; the alert must go on
            self.tell_failure(error)
            return ""
        now = self.clock()
        return clause(
            matching_exemptions([each for each in every if each.is_in_force(now)], case, cause, callers)
        )
