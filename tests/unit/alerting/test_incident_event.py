"""The event holds the published schema, and the schema says no more than the code can."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lambdas.alerting.domain.incident_event import incident_event_detail
from lambdas.alerting.domain.rotation_event import rotation_event_detail
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.incidents.domain.incident import RotationEnd, Transition
from lambdas.incidents.domain.rotation_outcome import rotation_end
from lambdas.rotation.domain.notification import NotificationKind
from tests.support.builders import (
    HOME,
    NOON,
    a_case,
    a_finding,
    a_notification,
    a_record,
    an_active_key,
    an_assessment,
    an_event,
    an_inactive_key,
    an_incident,
    an_unknown_key,
    key_id,
    signal_in,
)
from tests.support.hostile_text import SENT
from tests.support.paths import ROOT
from tests.unit.alerting.test_alert import CASES, DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.incidents.domain.finding import Finding

PUBLISHED = ROOT / "docs" / "incident-event.schema.json"
ENUMERATIONS: dict[str, Iterable[str]] = {
    "cause": Cause,
    "confidence": Confidence,
    "decision": Action,
    "guardrail": Guardrail,
    "severity": Severity,
    "transition": Transition,
}
FINDINGS = {
    **{name: a_finding(case) for name, case in CASES.items()},
    **{f"decided by {guardrail}": finding for guardrail, finding in DECISIONS.items()},
    "suppressed": a_finding(a_case(evidence=an_active_key())),
    "announced before": a_finding(incident=an_incident(latest=an_assessment(cause=Cause.UNKNOWN_KEY))),
}


def detail_of(finding: Finding) -> dict[str, object]:
    transition = finding.transition or Transition.CLOSED
    return incident_event_detail(finding.incident, finding.assessment, HOME.account, transition)


def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(PUBLISHED.read_text())
    return read


VALIDATOR = Draft202012Validator(schema())


def test_the_published_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_its_enumerations_are_the_codes() -> None:
    """UPDATE_GOLDEN=1 rewrites them; the diff is what its readers must be informed of."""
    published = schema()
    for name, values in ENUMERATIONS.items():
        published["properties"][name]["enum"] = [*values]
    if os.environ.get("UPDATE_GOLDEN"):
        PUBLISHED.write_text(json.dumps(published, indent=2) + "\n")
    assert schema() == published


def test_it_requires_every_field_of_the_event_and_knows_no_other() -> None:
    detail = detail_of(a_finding())
    assert set(schema()["required"]) == set(detail)
    assert set(schema()["properties"]) == {*detail, "rotation"}


@pytest.mark.parametrize("name", FINDINGS)
def test_the_event_of_each_finding_is_as_published(name: str) -> None:
    VALIDATOR.validate(detail_of(FINDINGS[name]))


@pytest.mark.parametrize("succeeded", [True, False])
def test_the_event_of_a_rotations_end_is_as_published(*, succeeded: bool) -> None:
    end = RotationEnd(succeeded=succeeded, at=NOON, new_key=key_id(2) if succeeded else "", reason="no room")
    finding = a_finding()
    detail = rotation_event_detail(finding.incident, finding.assessment, HOME.account, end)
    VALIDATOR.validate(detail)
    assert not VALIDATOR.is_valid(detail | {"rotation": {"outcome": "perhaps"}})


def test_the_event_of_a_rotation_that_failed_for_a_long_reason_is_as_published() -> None:
    end = rotation_end(a_notification(NotificationKind.ROTATION_FAILED, reason="x" * 400))
    assert end is not None
    finding = a_finding()
    VALIDATOR.validate(rotation_event_detail(finding.incident, finding.assessment, HOME.account, end))


def test_readers_have_to_take_fields_that_they_do_not_know() -> None:
    VALIDATOR.validate(detail_of(a_finding()) | {"later": 1, "schemaVersion": "1.7"})


@pytest.mark.parametrize("change", [{"severity": "fatal"}, {"account": "1"}, {"schemaVersion": "2.0"}])
def test_the_schema_refuses_what_is_no_event_of_ours(change: dict[str, str]) -> None:
    assert not VALIDATOR.is_valid(detail_of(a_finding()) | change)


@given(
    st.dictionaries(
        st.sampled_from(sorted(set(a_record()) - {"eventTime", "errorCode", "recipientAccountId"})), SENT
    ),
    st.one_of(st.just(key_id()), SENT),
    st.sampled_from((an_inactive_key(), an_unknown_key())),
)
def test_no_record_makes_an_event_that_is_more_than_bounded_lines(
    texts: dict[str, str], sent: str, evidence: Evidence
) -> None:
    record = a_record(sent) | {name: text for name, text in texts.items() if name != "userIdentity"}
    record["userIdentity"] |= {"principalId": texts.get("userIdentity", "AIDA")}
    signal = signal_in(an_event(record))
    assert signal is not None
    [group] = group_by_key([signal])
    incident = an_incident(group.key, callers=group.callers)
    finding = a_finding(a_case(signal, evidence), incident)
    detail = detail_of(finding)
    VALIDATOR.validate(detail)
    assert all(" " <= character <= "~" for text in texts_of(detail) for character in text)


def texts_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    return [value] if isinstance(value, str) else []


def test_an_event_names_at_most_twenty_callers() -> None:
    callers = an_incident().callers * 20
    finding = replace(a_finding(), incident=an_incident(callers=callers))
    VALIDATOR.validate(detail_of(finding))
