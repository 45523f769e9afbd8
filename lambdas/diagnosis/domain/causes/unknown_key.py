"""Nothing that was asked knows the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import MEND_THE_SOURCE, SHOW_HIDDEN_CHARACTERS
from lambdas.diagnosis.domain.wording import HISTORY_DAYS

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case


def diagnose(case: Case) -> Diagnosis:
    return Diagnosis(
        cause=Cause.UNKNOWN_KEY,
        confidence=Confidence.LIKELY if case.evidence.asked else Confidence.POSSIBLE,
        facts=_searched(case) if case.evidence.asked else _nothing_to_search(),
        remedies=(SHOW_HIDDEN_CHARACTERS, *MEND_THE_SOURCE),
    )


def _searched(case: Case) -> tuple[str, ...]:
    return (
        f"IAM resolves no such key in account {case.home.account}, {_by_what_proof(case)}.",
        (
            f"CloudTrail's history of {HISTORY_DAYS} days in {case.home.iam_region} has no creation, change"
            " or deletion of it"
            f"{' that names a user' if case.evidence.history else ''}."
        ),
        _whose_by_its_id(case),
    )


def _by_what_proof(case: Case) -> str:
    if case.evidence.witness:
        return "while it resolves one that exists"
    return "and lists it for no user" if case.evidence.history else "and no user there has any key"


def _whose_by_its_id(case: Case) -> str:
    """Another account's id never gets here: it has a cause of its own."""
    if not (decode_account(case.signal.access_key_id) or case.evidence.account_told):
        return "Its id does not tell an account."
    return "Its id is one of this account's: a typing error, or a key deleted long ago."


def _nothing_to_search() -> tuple[str, ...]:
    return ("The record names no access key, so nobody can be asked for its owner.",)
