"""Finds the exemptions that suppress an incident's alert."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from lambdas.aws.domain.iam import Caller
from lambdas.decisions.domain.exemption_matching import describe_exemptions, matching_exemptions
from lambdas.decisions.ports import Exemptions
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case


@dataclass(kw_only=True, eq=False, repr=False)
class ExemptionFilter:
    exemptions: Exemptions
    clock: Callable[[], datetime]
    report_failure: Callable[[Exception], None]  # called if the exemptions cannot be read

    def describe_matching(self, case: Case, cause: Cause, callers: Iterable[Caller]) -> str:
        """Describes the exemptions that apply. Empty if none applies, or if the table cannot be read,
        which must not suppress any alert.
        """
        try:
            every = self.exemptions.every()
        except Exception as error:  # noqa: BLE001 -- reported, which raises an alarm; the alert must still be sent
            self.report_failure(error)
            return ""
        now = self.clock()
        in_force = [each for each in every if each.is_in_force(now)]
        return describe_exemptions(matching_exemptions(in_force, case, cause, callers))
