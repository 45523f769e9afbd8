"""The causes in order of precedence: the first that matches is the diagnosis."""

from __future__ import annotations

from dataclasses import replace

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import (
    active_key_rejected,
    key_deleted,
    key_inactive,
    key_not_propagated,
    malformed_key,
    many_unknown_ids,
    mistyped_key,
    not_a_key_failure,
    other_account,
    placeholder_key,
    predicted_outages,
    quarantined_key,
    root_key,
    superseded_key,
    temporary_credential,
    unknown_key,
    unread_evidence,
    user_deleted,
)
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
from lambdas.diagnosis.domain.unread import describe_unread

_IN_PRECEDENCE = (
    not_a_key_failure.diagnose,
    many_unknown_ids.diagnose,
    malformed_key.diagnose_exposed_secret,
    placeholder_key.diagnose,
    temporary_credential.diagnose,
    quarantined_key.diagnose,
    root_key.diagnose,
    key_not_propagated.diagnose,
    unread_evidence.diagnose,
    superseded_key.diagnose,
    user_deleted.diagnose,
    key_deleted.diagnose,
    key_inactive.diagnose,
    not_a_key_failure.diagnose_reactivated_since,
    active_key_rejected.diagnose,
    mistyped_key.diagnose,
    malformed_key.diagnose,
    other_account.diagnose,
)

# A key in use was deactivated or deleted; no call has failed yet.
_PREDICTED = (
    predicted_outages.diagnose_user_deleted,
    predicted_outages.diagnose_deleted,
    predicted_outages.diagnose_deactivated,
)


def diagnose(case: Case) -> Diagnosis:
    """What could not be read is among the facts, and makes the cause less certain."""
    diagnosis, unread = _diagnose(case), case.evidence.unread
    if not unread or diagnosis.cause is Cause.NOT_A_KEY_FAILURE:
        return diagnosis
    facts = (*diagnosis.facts, *describe_unread(unread))
    return replace(diagnosis, confidence=diagnosis.confidence.lowered, facts=facts)


def _diagnose(case: Case) -> Diagnosis:
    if case.signal.is_leak:
        return quarantined_key.diagnose(case) or not_a_key_failure.diagnose_no_leak()
    if case.signal.predicted_outage:
        predicted = (diagnosis for cause in _PREDICTED if (diagnosis := cause(case)) is not None)
        return next(predicted, None) or not_a_key_failure.diagnose_reactivated()
    found = (diagnosis for cause in _IN_PRECEDENCE if (diagnosis := cause(case)) is not None)
    return next(found, None) or unknown_key.diagnose(case)
