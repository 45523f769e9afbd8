"""How urgent a diagnosis is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause, Severity

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis


_CRITICAL = frozenset({Cause.QUARANTINED_KEY, Cause.ROOT_KEY})
_HIGH = frozenset({Cause.KEY_INACTIVE, Cause.KEY_DELETED, Cause.USER_DELETED})
_MEDIUM = frozenset({Cause.SUPERSEDED_KEY, Cause.ACTIVE_KEY_REJECTED, Cause.TEMPORARY_CREDENTIAL})
_MENDS = frozenset({Action.ROTATE, Action.FAIL_OVER})


def severity_of(case: Case, diagnosis: Diagnosis, action: Action) -> Severity:
    if action is Action.SUPPRESS:
        return Severity.LOW
    if _is_critical(case, diagnosis, action):
        return Severity.CRITICAL
    if diagnosis.cause in PREDICTIONS and case.evidence.successor:
        return Severity.LOW
    if action in _MENDS:
        return Severity.MEDIUM
    if diagnosis.cause in _HIGH | PREDICTIONS or _is_unknown_here(case, diagnosis.cause):
        return Severity.HIGH
    return Severity.MEDIUM if diagnosis.cause in _MEDIUM else Severity.LOW


def _is_critical(case: Case, diagnosis: Diagnosis, action: Action) -> bool:
    leaked = diagnosis.cause in PREDICTIONS and bool(case.evidence.quarantine_policy)
    exposed = diagnosis.exposes_a_secret or diagnosis.cause in _CRITICAL or leaked
    return exposed or _leaves_a_secret_dead(case, action)


def _leaves_a_secret_dead(case: Case, action: Action) -> bool:
    """An enrolled user's consumers read their key from a secret that names none that works. A tag that a
    user gave itself, without a secret to it, makes nothing urgent; nor does a key that a newer one replaced.
    """
    enrolment = case.evidence.enrolment
    if enrolment is None or enrolment.flaw or case.evidence.successor:
        return False
    return not enrolment.live_key and action not in _MENDS


def _is_unknown_here(case: Case, cause: Cause) -> bool:
    """An unknown key that is this account's by its id; one that tells no account may be anybody's."""
    account = decode_account(case.signal.access_key_id) or case.evidence.account_told
    return cause is Cause.UNKNOWN_KEY and account == case.home.account
