"""When an incident is evaluated again, and by which signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.incidents.domain.incident import Assessment, Incident, TriageState
from lambdas.incidents.domain.reevaluation import (
    RETRIED_AFTER,
    failed_since_it_was_suppressed,
    is_retry_due,
    retry_at,
    signal_to_evaluate,
)
from lambdas.incidents.domain.update_policy import all_reported, next_follow_up
from tests.support.builders import NOON, POLICY, a_predicted_outage, a_signal, an_assessment, an_incident

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.detection.domain.signal import Signal

MINUTE = timedelta(minutes=1)
FAILING = a_signal()
LATER_FAILING = a_signal(occurred_at=NOON + MINUTE)
LOOK_ALIKE = a_signal(error_message="No account found for the given parameters")
OFF_BEFORE = a_predicted_outage(at=NOON - MINUTE)
OFF_SINCE = a_predicted_outage(at=NOON + MINUTE)
GONE_SINCE = a_predicted_outage("DeleteAccessKey", at=NOON + MINUTE)


def evaluated(triage: TriageState, by: Signal | None = FAILING, **changes: object) -> Incident:
    """At noon."""
    latest = an_assessment()
    incident = an_incident(signal=by, latest=latest if triage is not TriageState.PENDING else None)
    incident = replace(incident, alerted=latest if triage is TriageState.ALERTED else None, **changes)  # type: ignore[arg-type]
    assert incident.triage is triage
    return incident


def exempt(caller_count: int = 0) -> Assessment:
    return an_assessment(action=Action.SUPPRESS, guardrail=Guardrail.EXEMPT, caller_count=caller_count)


ALERTED = evaluated(TriageState.ALERTED)
SUPPRESSED = evaluated(TriageState.SUPPRESSED)
EXEMPT = replace(SUPPRESSED, latest=exempt())
ALERTED_THEN_EXEMPT = replace(EXEMPT, alerted=an_assessment(), reported=all_reported(EXEMPT))
PREDICTED = evaluated(TriageState.ALERTED, OFF_BEFORE)
BY_NOBODY = replace(ALERTED, latest=an_assessment(guardrail=Guardrail.SWITCHED_OFF_BY_A_PERSON))


@pytest.mark.parametrize(
    ("incident", "signals", "after", "expected"),
    [
        (evaluated(TriageState.PENDING), [LATER_FAILING], MINUTE, LATER_FAILING),
        (evaluated(TriageState.PENDING), [LOOK_ALIKE], MINUTE, FAILING),
        (evaluated(TriageState.PENDING, None), [LOOK_ALIKE], MINUTE, LOOK_ALIKE),
        (ALERTED, [LATER_FAILING], MINUTE, None),
        (ALERTED, [OFF_BEFORE], MINUTE, None),
        (ALERTED, [OFF_SINCE], MINUTE, OFF_SINCE),
        (ALERTED, [OFF_SINCE, LATER_FAILING], MINUTE, OFF_SINCE),
        (ALERTED, [GONE_SINCE], MINUTE, FAILING),
        (BY_NOBODY, [OFF_BEFORE], MINUTE, FAILING),
        (BY_NOBODY, [LATER_FAILING], MINUTE, None),
        (PREDICTED, [LATER_FAILING], MINUTE, LATER_FAILING),
        (PREDICTED, [LOOK_ALIKE], MINUTE, None),
        (PREDICTED, [GONE_SINCE], MINUTE, GONE_SINCE),
        (PREDICTED, [GONE_SINCE, LATER_FAILING], MINUTE, LATER_FAILING),
        (SUPPRESSED, [LATER_FAILING], MINUTE / 2, None),
        (SUPPRESSED, [LATER_FAILING], MINUTE, LATER_FAILING),
        (SUPPRESSED, [OFF_BEFORE], MINUTE / 2, OFF_BEFORE),
        (EXEMPT, [LATER_FAILING], MINUTE / 2, LATER_FAILING),
        (replace(EXEMPT, latest=exempt(caller_count=1)), [LATER_FAILING], MINUTE / 2, None),
        (ALERTED_THEN_EXEMPT, [LATER_FAILING], MINUTE / 2, LATER_FAILING),
        (replace(ALERTED_THEN_EXEMPT, latest=exempt(caller_count=1)), [LATER_FAILING], MINUTE / 2, None),
        (evaluated(TriageState.SUPPRESSED, LOOK_ALIKE), [FAILING], MINUTE / 2, FAILING),
    ],
)
def test_an_incident_is_evaluated_again_only_by_what_may_change_the_result(
    incident: Incident, signals: list[Signal], after: timedelta, expected: Signal | None
) -> None:
    [group] = group_by_key(signals)
    assert signal_to_evaluate(incident, group, NOON + after) == expected


@pytest.mark.parametrize(
    ("incident", "after", "expected"),
    [
        (replace(SUPPRESSED, count=2), MINUTE, True),
        (replace(SUPPRESSED, count=2), MINUTE / 2, False),
        (SUPPRESSED, MINUTE, False),
        (replace(ALERTED, count=2), MINUTE, False),
    ],
)
def test_calls_that_failed_since_the_last_evaluation_lead_to_another(
    incident: Incident, after: timedelta, expected: bool
) -> None:
    assert failed_since_it_was_suppressed(incident, NOON + after) is expected


def refused(guardrail: Guardrail, **changes: object) -> Incident:
    latest = an_assessment(action=Action.REFUSE, guardrail=guardrail)
    return replace(ALERTED, latest=latest, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        (ALERTED, None),
        (BY_NOBODY, None),
        (refused(Guardrail.COOLDOWN), NOON + RETRIED_AFTER),
        (refused(Guardrail.KILL_SWITCH), NOON + RETRIED_AFTER),
        (refused(Guardrail.NOT_STARTED), NOON + RETRIED_AFTER),
        (refused(Guardrail.NO_SLOT), NOON + RETRIED_AFTER),
        (refused(Guardrail.BINDING), NOON + RETRIED_AFTER),
    ],
)
def test_a_change_that_was_refused_is_tried_again(incident: Incident, expected: datetime | None) -> None:
    assert retry_at(incident) == expected
    if expected:
        assert not is_retry_due(incident, expected - MINUTE)
        assert is_retry_due(incident, expected)


def test_what_the_budget_refused_is_tried_again_within_ten_minutes_of_the_next_hour() -> None:
    refusal = refused(Guardrail.BUDGET)
    times = [retry_at(replace(refusal, key=f"key {number}")) for number in range(100)]
    after = [at - (NOON + timedelta(hours=1)) for at in times if at]
    assert len(after) == 100
    assert min(after) >= timedelta()
    assert max(after) < RETRIED_AFTER
    assert len(set(after)) > 50, "not all at once"


def test_it_is_not_tried_again_once_no_call_has_failed_for_the_quiet_time() -> None:
    at = NOON + RETRIED_AFTER
    assert not is_retry_due(refused(Guardrail.COOLDOWN, open_until=at), at)


def test_the_timer_finds_a_refused_change_when_it_is_to_be_tried_again() -> None:
    incident = refused(Guardrail.COOLDOWN, reported=all_reported(ALERTED))
    assert next_follow_up(incident, POLICY, NOON) == NOON + RETRIED_AFTER
