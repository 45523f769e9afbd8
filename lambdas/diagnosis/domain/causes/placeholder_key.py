"""The id is a placeholder from documentation or a template."""

from __future__ import annotations

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.placeholders import is_placeholder
from lambdas.diagnosis.domain.remedies import FIX_THE_SOURCE


def diagnose(case: Case) -> Diagnosis | None:
    text = case.signal.access_key_id
    if not text or not is_placeholder(text) or case.evidence.owner is not None:
        return None
    return Diagnosis(
        cause=Cause.PLACEHOLDER_KEY,
        confidence=Confidence.CERTAIN,
        facts=(
            (
                "The id is a placeholder: AWS's documentation uses ids that contain EXAMPLE, and"
                " templates have words, repeated characters or variables in place of a key."
            ),
            "It comes from a copied sample configuration, or from a variable that was not filled in.",
        ),
        remedies=FIX_THE_SOURCE,
    )
