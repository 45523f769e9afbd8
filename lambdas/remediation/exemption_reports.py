"""Reports once that an exemption has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.alerting.delivery import tell_each_once
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.alerting.domain.exemption_alert import compose_exemption_alert
from lambdas.incidents.domain.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.alerting.ports import AlertTopic, ChatTopic
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.decisions.ports import Exemptions

SECONDS_FOR_A_REPORT = 10


@dataclass(frozen=True, kw_only=True)
class ExemptionReports:
    exemptions: Exemptions
    chat: ChatTopic
    alerts: AlertTopic
    home: Deployment
    clock: Callable[[], datetime]

    def report_ended(self, seconds_left: Callable[[], float]) -> list[Exception]:
        """Tells each channel once of each exemption that is over or never was in force. What fails, or there
        is no time for, is told by a later round; the failures are returned.
        """
        failures: list[Exception] = []
        try:
            ended = [each for each in self.exemptions.every_now() if self._is_to_be_told(each)]
        except Exception as error:  # noqa: BLE001 -- returned
            return [error]
        for exemption in ended:
            if seconds_left() < SECONDS_FOR_A_REPORT:
                break
            try:
                failures.extend(self._report(exemption.name))
            except Exception as error:  # noqa: BLE001 -- returned; the others must go on
                failures.append(error)
        return failures

    def _report(self, name: str) -> list[Exception]:
        """The claim answers what the table has by now: it may have been renewed in the meantime."""
        claimed = self.exemptions.claim_report(name)
        if claimed is None or not self._is_to_be_told(claimed):
            return []
        alert = compose_exemption_alert(claimed, self.home)
        ways: dict[Channel, Callable[[], None]] = {
            Channel.CHAT: lambda: self.chat.publish(compose_chat_message(alert, thread=f"exemption:{name}")),
            Channel.PEOPLE: lambda: self.alerts.publish(alert),
        }
        failures = tell_each_once(
            ways, claimed.told_to, lambda channel: self.exemptions.mark_delivered(name, channel)
        )
        if not failures:
            self.exemptions.mark_reported(name)
        return failures

    def _is_to_be_told(self, exemption: Exemption) -> bool:
        return not exemption.reported and not exemption.is_in_force(self.clock())
