"""What was sent as an access key id cannot be one, or looks like a secret."""

from __future__ import annotations

import re

from lambdas.aws.domain.access_key_id import Flaw, find_flaw
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.aws.domain.regions import partition_of
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.remedies import (
    COUNT_CHARACTERS,
    FIX_THE_SOURCE,
    SHOW_HIDDEN_CHARACTERS,
    find_event,
)
from lambdas.text import sanitize, sanitize_source

_EVENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_RECORDED_SECRET = (
    (
        "Treat that secret as exposed: CloudTrail has it in its event history for 90"
        " days and in the trail's bucket, and the signal queue had it until now. Anyone"
        " who can read these can read it. It is neither shown nor stored here."
    ),
    (
        "Find the key that it belongs to at the source above, deactivate that key, create a new one,"
        " and check who can read the trail."
    ),
)
_REPORTED_SECRET = (
    (
        "Treat that secret as exposed: a report repeated it, so rules and archives of the default event bus"
        " may have it, and the signal queue had it until now. It is neither shown nor stored here."
    ),
    "Find the key that it belongs to at the program that reports, deactivate that key and create a new one.",
)


def diagnose_exposed_secret(case: Case) -> Diagnosis | None:
    if not may_hold_a_secret(case.signal.access_key_id):
        return None
    return Diagnosis(
        cause=Cause.MALFORMED_KEY,
        confidence=Confidence.LIKELY,
        facts=(
            *_event(case),
            "What was sent as an access key id looks like a secret access key or a session token.",
            *(_REPORTED_SECRET if case.signal.caller.is_reporter else _RECORDED_SECRET),
        ),
        remedies=(*_look_up(case), COUNT_CHARACTERS),
        exposes_secret=True,
    )


def diagnose(case: Case) -> Diagnosis | None:
    if stated := case.signal.stated_flaw:
        what = f"A report says that what was sent cannot be an access key id: {sanitize(stated, 80)}."
        return _malformed(Confidence.LIKELY, what)
    flaw = find_flaw(case.signal.access_key_id) if case.signal.access_key_id else None
    if flaw is None or case.evidence.owner is not None:
        return None
    return _malformed(Confidence.CERTAIN, f"What was sent cannot be an access key id: {_describe(flaw)}.")


def _malformed(confidence: Confidence, what: str) -> Diagnosis:
    return Diagnosis(
        cause=Cause.MALFORMED_KEY,
        confidence=confidence,
        facts=(
            what,
            "An id has 20 characters, A to Z and 2 to 7, and begins with AKIA, or ASIA if it is temporary.",
        ),
        remedies=(SHOW_HIDDEN_CHARACTERS, *FIX_THE_SOURCE),
    )


def _event(case: Case) -> tuple[str, ...]:
    signal = case.signal
    if not _EVENT_ID.fullmatch(signal.event_id):
        return ()
    who = f"principal {sanitize(signal.principal, 60)}, source {sanitize_source(signal.caller.source)}"
    return (f"CloudTrail event {signal.event_id} in {sanitize(signal.region, 30)}: {who}.",)


def _look_up(case: Case) -> tuple[Remedy, ...]:
    is_known = _EVENT_ID.fullmatch(case.signal.event_id) and partition_of(case.signal.region)
    return (find_event(case.signal.event_id, case.signal.region),) if is_known else ()


def _describe(flaw: Flaw) -> str:
    return f"it has {flaw.what} at position {flaw.position}" if flaw.position else flaw.what
