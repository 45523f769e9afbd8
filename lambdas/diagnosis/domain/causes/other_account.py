"""The key's id is another account's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import MEND_THE_SOURCE
from lambdas.diagnosis.domain.wording import foreign_account

if TYPE_CHECKING:
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.diagnosis.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis | None:
    decoded = decode_account(case.signal.access_key_id) if case.signal.has_usable_id else None
    account = decoded or case.evidence.account_told
    if not account or account == case.home.account or case.evidence.owner is not None:
        return None
    told = foreign_account(account, case.home, "Its id" if decoded else "STS")
    return Diagnosis(
        cause=Cause.OTHER_ACCOUNT,
        confidence=Confidence.LIKELY,
        facts=(
            f"{told} Whether the key exists there cannot be seen from here.",
            _kinship(account, case.home),
            (
                "Nothing in this account can mend it: ask that account's administrators, or replace"
                " the credential."
            ),
        ),
        remedies=MEND_THE_SOURCE,
    )


def _kinship(account: str, home: Deployment) -> str:
    if not home.organization_accounts:
        return "Whether it belongs to the organisation is not configured."
    if account in home.organization_accounts:
        return "It is one of the organisation's accounts."
    return "It is none of the organisation's accounts: a stranger's key is in use here."
