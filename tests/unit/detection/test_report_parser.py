"""A report says what a program claims; the schema says what it may say."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam import REPORTED, Caller
from lambdas.aws.domain.redaction import REMOVED
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import group_by_key
from lambdas.detection.signal_parser import parse_message
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.errors import PermanentError
from tests.support.builders import ACCOUNT, NOON, REFUSED, a_case, a_report, a_report_event, a_signal, key_id
from tests.support.paths import ROOT
from tests.unit.test_text import HOSTILE

if TYPE_CHECKING:
    from datetime import datetime

SCHEMA = json.loads((ROOT / "docs" / "refused-call-report.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
A_SECRET = "wJalrXUtnFEMIzK7MDENGzbPxRfiCYzEXMPLKEYz"
A_FLAW = "malformed: it has a line break at position 21"


def reported(sent_at: datetime | None = None, **changes: Any) -> Signal:
    parsed = parse_message(a_report_event(a_report(**changes)), sent_at)
    assert isinstance(parsed, Signal)
    return parsed


def test_a_complete_report_becomes_a_signal_of_its_account() -> None:
    assert reported() == a_signal(
        principal="",
        principal_type="",
        event_id="",
        caller=Caller(
            source=REPORTED,
            user_agent="ci-7, key from env, Botocore/1.43.0, https://sts.eu-central-1.amazonaws.com",
        ),
    )


def test_the_example_satisfies_the_published_schema() -> None:
    assert [error.message for error in VALIDATOR.iter_errors(a_report())] == []


def test_a_report_needs_only_what_the_schema_requires() -> None:
    least = {name: value for name, value in a_report().items() if name in SCHEMA["required"]}
    signal = parse_message(a_report_event(least))
    assert isinstance(signal, Signal)
    assert (signal.access_key_id, signal.region, signal.calls) == (key_id(), "eu-central-1", 1)
    assert signal.account == ACCOUNT


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event": "something else"}, "the report's event is not access-key-refused"),
        ({"schemaVersion": "2.0"}, "the report's schemaVersion is not 1.x"),
        ({"schemaVersion": 1}, "the report's schemaVersion is not 1.x"),
        ({"accessKeyId": ""}, "the report has no accessKeyId"),
        ({"errorCode": " "}, "the report has no errorCode"),
        ({"errorMessage": ["no text"]}, "the report's errorMessage is not text"),
        ({"host": None}, "the report's host is not text"),
        ({"region": "<b>"}, "the report's region is not the name of a region"),
        ({"at": "yesterday"}, "the report has no usable time in at"),
        ({"at": "1999-01-01T00:00:00Z"}, "the report has no usable time in at"),
        ({"count": 0}, "the report's count is not a whole number from 1 to 1000000"),
        ({"count": 10**7}, "the report's count is not a whole number from 1 to 1000000"),
        ({"count": True}, "the report's count is not a whole number from 1 to 1000000"),
    ],
)
def test_an_invalid_report_is_rejected_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PermanentError) as rejected:
        reported(**changes)
    assert str(rejected.value) == reason


@pytest.mark.parametrize("detail", [None, "text", [], {}])
def test_a_detail_that_is_no_report_is_rejected(detail: object) -> None:
    with pytest.raises(PermanentError):
        parse_message(a_report_event(detail))


@given(
    field=st.sampled_from(sorted(SCHEMA["properties"])),
    value=st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=40) | st.just(["list"]),
)
def test_what_the_schema_allows_is_accepted_and_wrong_types_are_not(field: str, value: object) -> None:
    changes: dict[str, Any] = {field: value}
    report = a_report(**changes)
    is_valid = VALIDATOR.is_valid(report)
    is_time = field == "at"  # its format is no assertion of the schema
    accepted = None
    with contextlib.suppress(PermanentError):
        accepted = parse_message(a_report_event(report))
    if is_valid and not is_time and str(value).strip():
        assert accepted is not None
    if not isinstance(value, type(a_report()[field])):
        assert accepted is None


def test_a_time_in_the_future_counts_as_the_time_of_arrival() -> None:
    """Otherwise the incident would seem to last until then."""
    arrival = NOON - timedelta(hours=1)
    assert reported(arrival).occurred_at == arrival
    assert reported(NOON + timedelta(hours=1)).occurred_at == NOON


def test_a_report_names_no_address_even_if_it_says_so() -> None:
    assert reported(host="203.0.113.7", sourceIPAddress="203.0.113.7").caller.source == REPORTED


def test_the_count_of_a_report_adds_to_the_calls_of_the_key() -> None:
    [group] = group_by_key([reported(count=40), reported(host="ci-8", count=2), a_signal()])
    assert group.count == 43
    assert sorted(group.calls.values()) == [1, 2, 40]
    assert group.callers[0].user_agent.startswith("ci-7")


def test_the_message_decides_about_a_reported_code_as_about_a_recorded_one() -> None:
    assert reported().error_class is ErrorClass.KEY_REJECTED
    assert reported(errorCode="AccessDenied", errorMessage="no").error_class is ErrorClass.UNRELATED


def test_a_malformed_id_is_known_by_its_flaw_alone() -> None:
    signal = reported(accessKeyId=A_FLAW)
    assert (signal.access_key_id, signal.stated_flaw) == ("", "it has a line break at position 21")
    assert signal.incident_key.startswith("sha256:")
    assert signal.incident_key != reported(accessKeyId=A_FLAW, host="ci-8").incident_key
    diagnosis = diagnose(a_case(signal, Evidence()))
    assert diagnosis.cause == "malformed-key"
    assert diagnosis.confidence is Confidence.LIKELY, "the reporter says so"
    assert "it has a line break at position 21" in diagnosis.facts[0]


@pytest.mark.parametrize("sent", [A_SECRET, f"malformed: {A_SECRET}"])
def test_a_secret_in_a_report_is_exposed_and_nowhere_repeated(sent: str) -> None:
    signal = reported(accessKeyId=sent, host=sent, errorMessage=f"{REFUSED} {sent}", sdk=A_SECRET)
    assert A_SECRET not in repr([signal.caller, signal.error_message, signal.incident_key])
    assert REMOVED in signal.error_message
    diagnosis = diagnose(a_case(signal, Evidence()))
    assert diagnosis.exposes_secret
    assert "report" in diagnosis.facts[1]
    assert not [fact for fact in diagnosis.facts if "CloudTrail" in fact or A_SECRET in fact]


@given(
    hostile=st.sampled_from(HOSTILE),
    field=st.sampled_from(["host", "sdk", "service", "operation", "errorMessage"]),
)
def test_hostile_text_becomes_one_bounded_line(hostile: str, field: str) -> None:
    changes: dict[str, Any] = {field: hostile * 40}
    signal = reported(**changes)
    for text in (signal.service, signal.operation, signal.error_message, signal.caller.user_agent):
        assert text.isascii()
        assert text.isprintable()
        assert len(text) <= 1024
