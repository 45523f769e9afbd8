"""Many ids that no key of the account is known to have, which share one incident."""

from __future__ import annotations

from lambdas.detection.domain.folding import source_of
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE
from lambdas.text import sanitize_source


def diagnose(case: Case) -> Diagnosis | None:
    if not case.signal.folded_into:
        return None
    source = source_of(case.signal.folded_into)
    origin = f"from {sanitize_source(source)}" if source else "from several sources"
    return Diagnosis(
        cause=Cause.UNKNOWN_KEY,
        confidence=Confidence.POSSIBLE,
        facts=(
            f"More ids that the ledger does not know were sent {origin} than get an incident each.",
            "Calls with further ones are counted here. CloudTrail was not asked about them, IAM about few.",
            "CloudTrail's records of these calls have the ids.",
        ),
        remedies=FIX_THE_SOURCE,
    )
