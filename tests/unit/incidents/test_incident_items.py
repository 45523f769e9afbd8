"""An incident is read from its DynamoDB item as it was written, whatever was found and reported of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.adapters.dynamodb import from_attributes, to_attributes
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam import Caller
from lambdas.codec import to_plain
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.errors import PermanentError
from lambdas.incidents.adapters.incident_items import (
    finding_attributes,
    incident_attributes,
    new_item,
    to_incident,
)
from lambdas.incidents.domain.incident import (
    AffectedOwner,
    Assessment,
    Incident,
    Reactivation,
    ReportedState,
    RotationEnd,
    UpdateKind,
)
from lambdas.incidents.domain.outbox import Channel, Outbox
from lambdas.incidents.domain.rotation_outcome import rotation_map
from tests.support.builders import NOON, a_finding, a_predicted_outage, a_signal, an_incident, key_id

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
COUNTS = st.integers(min_value=0, max_value=10**9)
CALLS = st.integers(1, 10**6)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda later: NOON + later)
SECONDS = MOMENTS.map(lambda at: at.replace(microsecond=0))  # what the item keeps of the others
CALLERS = st.lists(st.builds(Caller, source=TEXTS, user_agent=TEXTS), unique=True, max_size=5).map(tuple)
REGIONS = st.lists(TEXTS.filter(bool), unique=True, max_size=5).map(sorted).map(tuple)
SIGNALS = (
    a_signal(),
    a_signal(made_by_aws=True),
    a_signal(raw_error_class=ErrorClass.AMBIGUOUS),
    a_predicted_outage(),
)
ASSESSMENTS = st.builds(
    Assessment,
    at=MOMENTS,
    count=COUNTS,
    caller_count=COUNTS,
    cause=st.sampled_from(Cause),
    confidence=st.sampled_from(Confidence),
    action=st.sampled_from(Action),
    guardrail=st.sampled_from(Guardrail),
    severity=st.sampled_from(Severity),
    owner=st.builds(AffectedOwner, name=TEXTS, id=TEXTS),
    contact=TEXTS,
    region=TEXTS,
    service=TEXTS,
)
ROTATIONS = st.builds(RotationEnd, succeeded=st.booleans(), at=SECONDS, new_key=TEXTS, reason=TEXTS).filter(
    lambda end: "-" not in {end.new_key, end.reason}
)
MESSAGES = st.lists(
    st.dictionaries(TEXTS, COUNTS | st.floats(allow_nan=False) | TEXTS, max_size=3), max_size=3
)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    callers, latest = draw(CALLERS), draw(st.none() | ASSESSMENTS)
    pending = {channel: tuple(draw(MESSAGES)) for channel in Channel}
    return Incident(
        key=key_id(),
        opened_at=draw(TEXTS),
        count=draw(COUNTS),
        first_seen=draw(SECONDS),
        last_seen=draw(SECONDS),
        callers=callers,
        other_calls=draw(st.dictionaries(st.sampled_from(["", *(it.source for it in callers)]), CALLS)),
        regions=draw(REGIONS),
        opened_by_prediction=draw(st.booleans()),
        signal=draw(st.sampled_from(SIGNALS)),
        latest=latest,
        alerted=draw(st.sampled_from([None, latest]) | ASSESSMENTS) if latest else None,
        alerts_sent=draw(COUNTS),
        recheck_at=draw(st.none() | SECONDS),
        rechecked=draw(st.booleans()),
        reported=ReportedState(
            count=draw(COUNTS),
            callers=frozenset(draw(st.sets(st.sampled_from(callers)))) if callers else frozenset(),
            regions=frozenset(draw(REGIONS)),
            updated_at=draw(st.dictionaries(st.sampled_from(UpdateKind), MOMENTS)),
            alert_at=draw(st.none() | MOMENTS),
            alert_count=draw(COUNTS),
            reactivated_at=draw(st.none() | MOMENTS),
        ),
        outbox=Outbox({channel: messages for channel, messages in pending.items() if messages}),
        reactivation=draw(st.none() | st.builds(Reactivation, at=MOMENTS, by=TEXTS)),
        rotation=draw(st.none() | ROTATIONS),
        open_until=draw(st.none() | SECONDS),
        closed=draw(st.booleans()),
        closing_reported=draw(st.booleans()),
    )


def _not_listed(source: str) -> Caller:
    return Caller(source=source or "a source that is not listed", user_agent="an agent that is not listed")


def stored(incident: Incident) -> dict[str, Any]:
    """The item as the table returns it, after all its writes."""
    signal = incident.signal or a_signal()
    [group] = group_by_key([signal])
    group = replace(
        group,
        count=incident.count,
        first_seen=incident.first_seen,
        last_seen=incident.last_seen,
        callers=incident.callers,
        calls={_not_listed(source): calls for source, calls in incident.other_calls.items()},
        regions=incident.regions,
    )
    item = new_item(group, incident.opened_at) | {"predicted": incident.opened_by_prediction}
    item["state"] = "closed" if incident.closed else "open"
    if incident.latest:
        finding = a_finding()
        item |= finding_attributes(
            replace(finding, case=replace(finding.case, signal=signal)), incident.latest
        )
    if incident.reactivation:
        item["reactivated"] = to_plain(incident.reactivation)
    if incident.rotation:
        item["rotation"] = rotation_map(incident.rotation)
    if incident.open_until:
        item["openUntil"] = int(incident.open_until.timestamp())
    return from_attributes(to_attributes(item | incident_attributes(incident)))


@given(incidents())
def test_an_incident_is_read_as_it_was_written(incident: Incident) -> None:
    assert to_incident(stored(incident)) == incident


@given(incidents(), incidents())
def test_what_is_saved_replaces_all_that_was_saved_before(before: Incident, after: Incident) -> None:
    """Also a field that has its default now, which the codec does not write."""
    after = replace(after, latest=after.latest or before.latest)
    kept: dict[str, Any] = {"reactivation": None, "rotation": None, "open_until": None, "other_calls": {}}
    before, after = replace(before, **kept), replace(after, **kept)
    item = stored(before) | stored(after)
    assert to_incident(item) == replace(after, regions=after.regions or before.regions)


@given(st.text(min_size=1))
def test_the_refused_id_is_in_no_attribute_but_the_partition_key(text: str) -> None:
    secret = f"wJalrXUtnFEMI{text}"
    [group] = group_by_key([a_signal(secret)])
    item = new_item(group, "2026-03-14T12:00:00.000000Z")
    assert secret not in str(item)
    assert to_incident(item | {"openUntil": 0}).signal is None


def test_an_item_of_another_shape_is_an_error_that_shows_no_value() -> None:
    with pytest.raises(PermanentError, match="Incident"):
        to_incident(stored(an_incident()) | {"reported": {"count": "many"}})
