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
                "Treat that secret as exposed: CloudTrail has it in its event history for 90"
                " days and in the trail's bucket, and the signal queue had it until now. Anyone"
                " who can read these can read it. It is neither shown nor stored here."
            ),
            "Deactivate the key that it belongs to, create a new one, and check who can read the trail.",
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
            f"What was sent cannot be an access key id: {_describe(flaw)}.",
            "An id has 20 characters, A to Z and 2 to 7, and begins with AKIA, or ASIA if it is temporary.",
        ),
        remedies=(SHOW_HIDDEN_CHARACTERS, *FIX_THE_SOURCE),
    )


def _describe(flaw: Flaw) -> str:
    return f"it has {flaw.what} at position {flaw.position}" if flaw.position else flaw.what
