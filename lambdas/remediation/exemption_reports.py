"""Reports each exemption that has expired, or that can never be in force, once to each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lambdas.alerting.delivery import Delivery
from lambdas.alerting.domain.exemption_alert import compose_exemption_alert
from lambdas.aws.domain.deployment import Deployment
from lambdas.decisions.domain.exemption import Exemption
from lambdas.decisions.ports import Exemptions
from lambdas.errors import BusyError

SECONDS_FOR_A_REPORT = 10


@dataclass(kw_only=True, eq=False, repr=False)
class ExemptionReports:
    exemptions: Exemptions
    delivery: Delivery
    deployment: Deployment
    clock: Callable[[], datetime]

    def report_ended(self, seconds_left: Callable[[], float]) -> list[Exception]:
        """Returns the failures. A report that fails, or for which no time is left, is made by a later run."""
        failures: list[Exception] = []
        try:
            unreported = self.exemptions.unreported()
        except Exception as error:  # noqa: BLE001 -- returned
            return [error]
        now = self.clock()
        for exemption in (each for each in unreported if not each.is_in_force(now)):
            if seconds_left() < SECONDS_FOR_A_REPORT:
                break
            try:
                self._report(exemption)
            except BusyError:
                continue  # another run is reporting it
            except Exception as error:  # noqa: BLE001 -- returned; the others must go on
                failures.append(error)
        return failures

    def _report(self, exemption: Exemption) -> None:
        report_id = _report_id(exemption)
        if not self.delivery.was_sent(report_id):
            alert = compose_exemption_alert(exemption, self.deployment)
            self.delivery.send_once(report_id, alert, thread=f"exemption:{exemption.name}")
        self.exemptions.mark_reported(exemption)


def _report_id(exemption: Exemption) -> str:
    """An exemption that is renewed has another expiry, and one that is partly corrected another violation."""
    return f"exemption:{exemption.name}:{exemption.violation or exemption.expires}"
