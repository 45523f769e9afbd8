"""Neither IAM, the ledger nor CloudTrail knows the key."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE, SHOW_HIDDEN_CHARACTERS
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import HISTORY_DAYS

_NO_KEY = "The record names no access key, so its owner cannot be looked up."


def diagnose(case: Case) -> Diagnosis:
    return Diagnosis(
        cause=Cause.UNKNOWN_KEY,
        confidence=Confidence.LIKELY if case.evidence.looked_up else Confidence.POSSIBLE,
        facts=_search_facts(case) if case.evidence.looked_up else (_NO_KEY,),
        remedies=(SHOW_HIDDEN_CHARACTERS, *FIX_THE_SOURCE),
    )


def _search_facts(case: Case) -> tuple[str, ...]:
    return (
        f"IAM finds no such key in account {case.deployment.account}, {_describe_proof(case)}.",
        *_describe_history(case),
        _describe_account(case),
    )


def _describe_history(case: Case) -> tuple[str, ...]:
    if case.evidence.is_unread(Source.HISTORY):
        return ()
    days = f"CloudTrail's last {HISTORY_DAYS} days in {case.deployment.iam_region}"
    naming = " that names a user" if case.evidence.history else ""
    return (f"{days} show no creation, change or deletion of it{naming}.",)


def _describe_proof(case: Case) -> str:
    if case.evidence.lookup_confirmed:
        return "while a look-up of an existing key succeeds"
    return "and lists it under no user" if case.evidence.history else "and no user there has any key"


def _describe_account(case: Case) -> str:
    """An id of another account has a cause of its own."""
    if not (decode_account(case.signal.access_key_id) or case.evidence.sts_account):
        return "Its id does not identify an account."
    return "Its id belongs to this account: a typing error, or a key that was deleted long ago."
