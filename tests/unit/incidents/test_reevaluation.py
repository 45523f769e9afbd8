"""When an incident is judged again, and by which signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.decisions.domain.guardrails import Guardrail
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.diagnosis.domain.cause import Cause
from lambdas.incidents.domain.incident import Incident, TriageState
from lambdas.incidents.domain.reevaluation import failed_since_it_was_suppressed, signal_to_evaluate
from lambdas.incidents.domain.update_policy import all_told
from tests.support.builders import NOON, a_finding, a_signal, a_switch_off, an_incident

if TYPE_CHECKING:
    from lambdas.detection.domain.signal import Signal

MINUTE = timedelta(minutes=1)
FAILING = a_signal()
LATER_FAILING = a_signal(occurred_at=NOON + MINUTE)
LOOK_ALIKE = a_signal(error_message="No account found for the given parameters")
OFF_BEFORE = a_switch_off(at=NOON - MINUTE)
OFF_SINCE = a_switch_off(at=NOON + MINUTE)
GONE_SINCE = a_switch_off("DeleteAccessKey", at=NOON + MINUTE)


def judged(attention: TriageState, by: Signal | None = FAILING, **changes: object) -> Incident:
    """Judged at noon."""
    incident = an_incident(
        attention=attention,
        signal=by,
        standing=a_finding().standing,
        judged_at=NOON,
        judged_count=1,
        foreseen=bool(by and by.predicted_outage),
    )
    return replace(incident, **changes)  # type: ignore[arg-type]


TOLD = judged(TriageState.ALERTED)
SILENT = judged(TriageState.SUPPRESSED)
EXEMPT = replace(SILENT, standing=replace(a_finding().standing, guardrail=Guardrail.EXEMPT))
TOLD_THEN_EXEMPT = replace(EXEMPT, alerted=Cause.KEY_INACTIVE, told=all_told(EXEMPT))
FORESEEN = judged(TriageState.ALERTED, OFF_BEFORE)
BY_NOBODY = replace(
    TOLD, standing=replace(a_finding().standing, guardrail=Guardrail.SWITCHED_OFF_BY_A_PERSON)
)


@pytest.mark.parametrize(
    ("incident", "signals", "after", "expected"),
    [
        (judged(TriageState.PENDING), [LATER_FAILING], MINUTE, LATER_FAILING),
        (judged(TriageState.PENDING), [LOOK_ALIKE], MINUTE, FAILING),
        (judged(TriageState.PENDING, None), [LOOK_ALIKE], MINUTE, LOOK_ALIKE),
        (TOLD, [LATER_FAILING], MINUTE, None),
        (TOLD, [OFF_BEFORE], MINUTE, None),
        (TOLD, [OFF_SINCE], MINUTE, OFF_SINCE),
        (TOLD, [OFF_SINCE, LATER_FAILING], MINUTE, OFF_SINCE),
        (TOLD, [GONE_SINCE], MINUTE, FAILING),
        (BY_NOBODY, [OFF_BEFORE], MINUTE, FAILING),
        (BY_NOBODY, [LATER_FAILING], MINUTE, None),
        (FORESEEN, [LATER_FAILING], MINUTE, LATER_FAILING),
        (FORESEEN, [LOOK_ALIKE], MINUTE, None),
        (FORESEEN, [GONE_SINCE], MINUTE, GONE_SINCE),
        (FORESEEN, [GONE_SINCE, LATER_FAILING], MINUTE, LATER_FAILING),
        (SILENT, [LATER_FAILING], MINUTE / 2, None),
        (SILENT, [LATER_FAILING], MINUTE, LATER_FAILING),
        (SILENT, [OFF_BEFORE], MINUTE / 2, OFF_BEFORE),
        (EXEMPT, [LATER_FAILING], MINUTE / 2, LATER_FAILING),
        (replace(EXEMPT, judged_callers=1), [LATER_FAILING], MINUTE / 2, None),
        (TOLD_THEN_EXEMPT, [LATER_FAILING], MINUTE / 2, LATER_FAILING),
        (replace(TOLD_THEN_EXEMPT, judged_callers=1), [LATER_FAILING], MINUTE / 2, None),
        (judged(TriageState.SUPPRESSED, LOOK_ALIKE), [FAILING], MINUTE / 2, FAILING),
    ],
)
def test_an_incident_is_judged_again_only_by_what_may_change_what_was_found(
    incident: Incident, signals: list[Signal], after: timedelta, expected: Signal | None
) -> None:
    [sightings] = group_by_key(signals)
    assert signal_to_evaluate(incident, sightings, NOON + after) == expected


@pytest.mark.parametrize(
    ("incident", "after", "expected"),
    [
        (replace(SILENT, count=2), MINUTE, True),
        (replace(SILENT, count=2), MINUTE / 2, False),
        (SILENT, MINUTE, False),
        (replace(TOLD, count=2), MINUTE, False),
    ],
)
def test_calls_that_failed_unseen_lead_to_a_judgement_although_none_follows(
    incident: Incident, after: timedelta, expected: bool
) -> None:
    assert failed_since_it_was_suppressed(incident, NOON + after) is expected
