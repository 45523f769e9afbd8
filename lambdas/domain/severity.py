"""How urgent a diagnosis is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.access_key_id import decode_account
from lambdas.domain.cause import PREDICTIONS, Cause, Severity

if TYPE_CHECKING:
    from lambdas.domain.diagnosis import Case, Diagnosis


_CRITICAL = frozenset({Cause.QUARANTINED_KEY, Cause.ROOT_KEY})
_HIGH = frozenset({Cause.KEY_INACTIVE, Cause.KEY_DELETED, Cause.USER_DELETED})
_MEDIUM = frozenset({Cause.SUPERSEDED_KEY, Cause.ACTIVE_KEY_REJECTED, Cause.TEMPORARY_CREDENTIAL})


def severity_of(case: Case, diagnosis: Diagnosis, *, suppressed: bool) -> Severity:
    if suppressed:
        return Severity.LOW
    leaked = diagnosis.cause in PREDICTIONS and case.evidence.quarantine_policy
    if diagnosis.exposes_a_secret or diagnosis.cause in _CRITICAL or leaked:
        return Severity.CRITICAL
    if diagnosis.cause in PREDICTIONS:
        return Severity.LOW if case.evidence.successor else Severity.HIGH
    if diagnosis.cause in _HIGH or _is_unknown_here(case, diagnosis.cause):
        return Severity.HIGH
    return Severity.MEDIUM if diagnosis.cause in _MEDIUM else Severity.LOW


def _is_unknown_here(case: Case, cause: Cause) -> bool:
    """An unknown key that is this account's by its id; one that tells no account may be anybody's."""
    account = decode_account(case.signal.access_key_id) or case.evidence.account_told
    return cause is Cause.UNKNOWN_KEY and account == case.home.account
