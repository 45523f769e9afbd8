"""Exemptions, for the functions that diagnose and tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lambdas.decisions.adapters.exemption_table import DynamoExemptions
from lambdas.decisions.exemption_filter import ExemptionFilter
from lambdas.handlers.bootstrap.reporting import report_unreadable_exemptions
from lambdas.remediation.exemption_reports import ExemptionReports

if TYPE_CHECKING:
    from lambdas.alerting.delivery import Delivery
    from lambdas.aws.adapters.clients import Clients
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings


def _now() -> datetime:
    return datetime.now(UTC)


def exempting(settings: RemediateSettings, clients: Clients) -> ExemptionFilter:
    return ExemptionFilter(
        exemptions=_exemptions(settings, clients), clock=_now, report_failure=report_unreadable_exemptions
    )


def exemption_reports(
    settings: RemediateSettings, clients: Clients, home: Deployment, delivery: Delivery
) -> ExemptionReports:
    return ExemptionReports(
        exemptions=_exemptions(settings, clients),
        delivery=delivery,
        home=home,
        clock=_now,
    )


def _exemptions(settings: RemediateSettings, clients: Clients) -> DynamoExemptions:
    return DynamoExemptions(lambda: clients.dynamodb, settings.exemption_table_name, clock=_now)
