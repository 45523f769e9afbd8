"""The key's id belongs to another account."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.deployment import Deployment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE
from lambdas.diagnosis.domain.wording import describe_foreign_account


def diagnose(case: Case) -> Diagnosis | None:
    decoded = decode_account(case.signal.access_key_id) if case.signal.has_usable_id else None
    account = decoded or case.evidence.sts_account
    if not account or account == case.deployment.account or case.evidence.owner is not None:
        return None
    named = describe_foreign_account(account, case.deployment, "Its id" if decoded else "STS")
    return Diagnosis(
        cause=Cause.OTHER_ACCOUNT,
        confidence=Confidence.LIKELY,
        facts=(
            f"{named} Whether the key exists there cannot be seen from here.",
            _describe_membership(account, case.deployment),
            (
                "Nothing in this account can fix it: ask that account's administrators, or replace"
                " the credential."
            ),
        ),
        remedies=FIX_THE_SOURCE,
    )


def _describe_membership(account: str, deployment: Deployment) -> str:
    if not deployment.organization_accounts:
        return "The organisation's accounts are not configured, so whether it is one of them is unknown."
    if account in deployment.organization_accounts:
        return "It is one of the organisation's accounts."
    return "It is not one of the organisation's accounts: a key from outside the organisation is in use here."
