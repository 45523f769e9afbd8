"""Nothing that was asked knows the key."""

from __future__ import annotations

from lambdas.domain.access_key_id import decode_account
from lambdas.domain.cause import Cause
from lambdas.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.domain.remedies import FIND_WHICH_CREDENTIAL_WINS
from lambdas.domain.wording import HISTORY_DAYS


def diagnose(case: Case) -> Diagnosis:
    return Diagnosis(
        cause=Cause.UNKNOWN_KEY,
        confidence=Confidence.LIKELY if case.evidence.asked else Confidence.POSSIBLE,
        facts=_searched(case) if case.evidence.asked else _nothing_to_search(case),
        remedies=(FIND_WHICH_CREDENTIAL_WINS,),
    )


def _searched(case: Case) -> tuple[str, ...]:
    return (
        f"IAM resolves no such key in account {case.home.account}, while it resolves one that exists.",
        (
            f"CloudTrail's history of {HISTORY_DAYS} days in {case.home.iam_region} has no creation, change"
            " or deletion of it."
        ),
        _whose_by_its_id(case),
    )


def _whose_by_its_id(case: Case) -> str:
    account = decode_account(case.signal.access_key_id)
    if account is None:
        return "Its id does not tell an account."
    if account == case.home.account:
        return "Its id is one of this account's: a typing error, or a key deleted long ago."
    return f"Its id is one of account {case.home.account_label(account)}: nothing here can mend it."


def _nothing_to_search(case: Case) -> tuple[str, ...]:
    if case.signal.access_key_id:
        return ("What was sent as an access key id cannot be one, so it is kept as a hash and not shown.",)
    return ("The record names no access key, so nobody can be asked for its owner.",)
