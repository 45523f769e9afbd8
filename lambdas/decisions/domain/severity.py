"""Rates how urgent a diagnosis is."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
from lambdas.diagnosis.domain.evidence import Evidence

_CRITICAL = frozenset({Cause.QUARANTINED_KEY, Cause.ROOT_KEY})
_HIGH = frozenset({Cause.KEY_INACTIVE, Cause.KEY_DELETED, Cause.USER_DELETED})
_MEDIUM = frozenset({Cause.SUPERSEDED_KEY, Cause.ACTIVE_KEY_REJECTED, Cause.TEMPORARY_CREDENTIAL})
_REPLACES_KEY = frozenset({Action.ROTATE, Action.FAIL_OVER})


def rate_severity(case: Case, diagnosis: Diagnosis, action: Action) -> Severity:
    if action is Action.SUPPRESS:
        return Severity.LOW
    if _is_critical(case, diagnosis, action):
        return Severity.CRITICAL
    if diagnosis.cause in PREDICTIONS and (rotated := _severity_of_a_rotation(case.evidence)):
        return rotated
    if action in _REPLACES_KEY:
        return Severity.MEDIUM
    if diagnosis.cause in _HIGH | PREDICTIONS or _is_unknown_key_of_account(case, diagnosis.cause):
        return Severity.HIGH
    return Severity.MEDIUM if diagnosis.cause in _MEDIUM else Severity.LOW


def _severity_of_a_rotation(evidence: Evidence) -> Severity | None:
    """None if the key was not replaced by a newer one."""
    if evidence.successor:
        return Severity.LOW
    own = evidence.own_rotation
    if own is None:
        return None
    return Severity.LOW if own.is_ordinary else Severity.MEDIUM


def _is_critical(case: Case, diagnosis: Diagnosis, action: Action) -> bool:
    leaked = diagnosis.cause in PREDICTIONS and case.evidence.has_leaked
    exposed = diagnosis.exposes_secret or diagnosis.cause in _CRITICAL or leaked
    return exposed or _leaves_secret_without_working_key(case, action)


def _leaves_secret_without_working_key(case: Case, action: Action) -> bool:
    """An enrolled user's applications read their key from a managed secret that names no working key. False
    if the user's tag names no valid secret, since users can tag themselves, or if a newer key is in use.
    """
    context = case.evidence.rotation_context
    successor = case.evidence.successor
    if context is None or context.binding_refusal or (successor and successor.used_since):
        return False
    return not context.live_key and action not in _REPLACES_KEY


def _is_unknown_key_of_account(case: Case, cause: Cause) -> bool:
    """Whether an unknown key's id names this account, or may, because many ids share the incident. False if
    it names no account.
    """
    if case.signal.folded_into:
        return True
    account = decode_account(case.signal.access_key_id) or case.evidence.sts_account
    return cause is Cause.UNKNOWN_KEY and account == case.deployment.account
