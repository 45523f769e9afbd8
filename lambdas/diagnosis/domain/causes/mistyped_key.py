"""No key has this id, but it differs from exactly one key of the ledger by one typo."""

from __future__ import annotations

from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import (
    FIND_WHICH_CREDENTIAL_WINS,
    SET_KEY_IN_PROFILE,
    SHOW_HIDDEN_CHARACTERS,
)
from lambdas.diagnosis.domain.unread import Source
from lambdas.text import sanitize_name


def diagnose(case: Case) -> Diagnosis | None:
    near = case.evidence.near_miss
    if near is None or case.evidence.owner is not None:
        return None
    return Diagnosis(
        cause=Cause.MISTYPED_KEY,
        confidence=Confidence.LIKELY,
        facts=(
            (
                f"{_absence(case)}It differs by one typo (a wrong, swapped, missing or"
                " doubled character) from"
                f" {near.masked_id}, a key of {sanitize_name(near.owner_name)}."
            ),
            "The middle of the real id is not shown: compare it with the id that the owner has.",
        ),
        remedies=(SHOW_HIDDEN_CHARACTERS, FIND_WHICH_CREDENTIAL_WINS, SET_KEY_IN_PROFILE),
    )


def _absence(case: Case) -> str:
    return "" if case.evidence.is_unread(Source.KEY) else "No key has this id. "
