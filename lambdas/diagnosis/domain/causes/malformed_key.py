"""What was sent as an access key id cannot be one, or looks like a secret."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import Flaw, find_flaw
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE, SHOW_HIDDEN_CHARACTERS


def diagnose_exposed_secret(case: Case) -> Diagnosis | None:
    if not may_hold_a_secret(case.signal.access_key_id):
        return None
    return Diagnosis(
        cause=Cause.MALFORMED_KEY,
        confidence=Confidence.LIKELY,
        facts=(
            "What was sent as an access key id looks like a secret access key or a session token.",
            (
                "Take that secret as exposed: CloudTrail has it for 90 days and in its trail's bucket, the"
                " signal queue had it until now, and whoever may read these can read it. It is neither"
                " shown nor stored here."
            ),
            "Deactivate the key that it belongs to, make a new one, and look who may read the trail.",
        ),
        remedies=(SHOW_HIDDEN_CHARACTERS,),
        exposes_secret=True,
    )


def diagnose(case: Case) -> Diagnosis | None:
    flaw = find_flaw(case.signal.access_key_id) if case.signal.access_key_id else None
    if flaw is None or case.evidence.owner is not None:
        return None
    return Diagnosis(
        cause=Cause.MALFORMED_KEY,
        confidence=Confidence.CERTAIN,
        facts=(
            f"No access key id can look like what was sent: {_describe(flaw)}.",
            "An id has 20 characters, A to Z and 2 to 7, and begins with AKIA, or ASIA if it is temporary.",
        ),
        remedies=(SHOW_HIDDEN_CHARACTERS, *FIX_THE_SOURCE),
    )


def _describe(flaw: Flaw) -> str:
    return f"it has {flaw.what} at position {flaw.position}" if flaw.position else flaw.what
