"""The deployment as alerts name it."""

from __future__ import annotations

import os

from lambdas.aws.domain.deployment import Deployment
from lambdas.handlers.bootstrap.function_settings import RemediateSettings


def deployment_of(settings: RemediateSettings) -> Deployment:
    return Deployment(
        account=settings.account,
        partition=settings.partition,
        known_accounts=settings.known_accounts,
        organization_accounts=settings.organization_accounts,
        contact_domains=settings.contact_domains,
        region=os.environ["AWS_REGION"],
        incident_table=settings.incident_table_name,
        automations=settings.automations,
        retirement_role=settings.retirement_role_name,
        runbook_url=settings.runbook_url,
    )
