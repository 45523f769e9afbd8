from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, RELATED_CODES, ErrorClass
from lambdas.aws.domain.redaction import REMOVED
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.errors import PermanentError
from tests.support.builders import (
    ACCOUNT,
    NOON,
    REFUSED,
    a_case,
    a_record,
    a_signal,
    an_event,
    key_id,
    signal_in,
)

if TYPE_CHECKING:
    from lambdas.detection.domain.signal import Signal

MESSAGES = (
    REFUSED,
    "The AWS Access Key Id you provided does not exist in our records.",
    "AWS was not able to validate the provided access credentials",
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def test_a_complete_record_becomes_a_signal() -> None:
    assert signal_in(an_event(a_record())) == a_signal()


def test_a_record_without_an_error_yields_no_signal() -> None:
    assert signal_in(an_event(a_record(errorCode=None))) is None
    assert signal_in(an_event(a_record(errorCode=""))) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("not JSON {", "not JSON"),
        ("[" * 200_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "no detail"),
        ('{"detail": "text"}', "no detail"),
        ('{"detail": null}', "no detail"),
        (an_event(a_record(errorCode=["InvalidClientTokenId"])), "errorCode is not text"),
        (an_event(a_record(eventTime="0999-01-01T00:00:00Z")), "no usable eventTime"),
        (an_event(a_record(eventTime="yesterday"), time=None), "no usable eventTime"),
        (an_event(a_record(eventTime="0001-01-01T00:00:00+14:00"), time=7), "no usable eventTime"),
    ],
)
def test_an_unusable_message_is_rejected_with_a_reason(body: str, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        signal_in(body)


@pytest.mark.parametrize(
    "identity", [None, "text", [], 7, {}, {"accessKeyId": ""}, {"accessKeyId": None}, {"accessKeyId": 7}]
)
def test_the_incident_key_of_a_record_without_identity_is_account_principal_and_source(
    identity: object,
) -> None:
    signal = signal_in(an_event(a_record(userIdentity=identity)))
    assert signal is not None
    assert signal.incident_key == "none:123456789012::203.0.113.7"


def test_fields_that_the_record_lacks_are_read_from_the_envelope() -> None:
    record = a_record(eventTime=None, awsRegion=None, recipientAccountId=None)
    signal = signal_in(an_event(record))
    assert signal is not None
    assert (signal.occurred_at, signal.region, signal.account) == (NOON, "eu-central-1", "123456789012")


def test_an_unknown_event_version_and_unknown_fields_are_ignored() -> None:
    assert signal_in(an_event(a_record(eventVersion="99.0", addition={"a": [1]}))) == a_signal()


def test_long_texts_of_a_record_of_256_kb_are_cut() -> None:
    signal = signal_in(an_event(a_record(userAgent="x" * 262_144, errorMessage="y" * 2000)))
    assert signal is not None
    assert len(signal.caller.user_agent) <= 256
    assert len(signal.error_message) <= 1024


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"},
        {"type": "AWSService"},
        {"type": "IAMUser", "accessKeyId": key_id(), "invokedBy": "athena.amazonaws.com"},
    ],
)
def test_a_call_by_an_aws_service_is_recognised(identity: dict[str, str]) -> None:
    signal = signal_in(an_event(a_record(userIdentity=identity)))
    assert signal is not None
    assert signal.made_by_aws


@given(st.sampled_from(sorted(a_record())), ANYTHING)
def test_a_field_of_any_type_is_ignored_or_rejected_and_never_crashes(name: str, value: Any) -> None:
    try:
        signal = signal_in(an_event(a_record(**{name: value})))
    except PermanentError:
        return
    assert signal is None or signal.incident_key


@given(st.dictionaries(st.sampled_from(["detail", "time", "region", "account", "source"]), ANYTHING))
def test_an_envelope_of_any_shape_never_crashes(envelope: dict[str, Any]) -> None:
    with contextlib.suppress(PermanentError):
        signal_in(json.dumps(envelope))


SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"


def test_the_caller_is_distinguished_by_the_vpc_endpoint_that_it_used() -> None:
    through = a_record(vpcEndpointId="vpce-0a1b2c3d4e5f60718")
    signals = [signal_in(an_event(record)) for record in (a_record(), through)]
    assert [signal and signal.caller.vpc_endpoint for signal in signals] == ["", "vpce-0a1b2c3d4e5f60718"]


@pytest.mark.parametrize("field", ["errorMessage", "userAgent", "eventName", "sourceIPAddress", "awsRegion"])
@pytest.mark.parametrize("key", [SECRET, f" {SECRET}", key_id()])
def test_a_secret_is_removed_from_every_field(field: str, key: str) -> None:
    signal = signal_in(an_event(a_record(key, **{field: f"the secret is {SECRET}, so"})))
    assert signal is not None
    assert SECRET not in repr(replace(signal, access_key_id=""))


def test_long_operation_names_are_not_removed_as_secrets() -> None:
    name = "AssociateTransitGatewayMulticastDomain"
    signal = signal_in(an_event(a_record(eventName=name)))
    assert signal is not None
    assert signal.operation == name


# Words of AWS's messages, codes, services, regions and accounts, which a caller may send as an id.
WORDS = [
    "id",
    "in",
    "token",
    "AWS",
    "aws",
    "Root",
    "oo",
    "us-east-1",
    "InvalidClientTokenId",
    "AuthFailure",
    ".",
]
ROOT = {"type": "Root", "accountId": ACCOUNT}


def evaluated(signal: Signal) -> tuple[object, ...]:
    return (
        signal.error_class,
        signal.error_code,
        signal.is_root,
        signal.service,
        signal.operation,
        signal.region,
        signal.account,
        signal.principal,
        signal.caller.source,
    )


@pytest.mark.parametrize("message", [*MESSAGES, "Not authorized for images: [ami-1]", "anything else"])
@pytest.mark.parametrize("code", sorted(KEY_FAILURE_CODES | RELATED_CODES | {"Client.AuthFailure"}))
def test_a_malformed_id_that_is_a_word_of_the_record_changes_nothing_that_is_evaluated(
    code: str, message: str
) -> None:
    fields = {"errorCode": code, "errorMessage": message, "awsRegion": "us-east-1"}
    for user_identity in ({"type": "IAMUser", "principalId": "AIDAEXAMPLE"}, ROOT):
        control, *others = [
            signal_in(an_event(a_record(**fields, userIdentity=user_identity | {"accessKeyId": key})))
            for key in ["**", *WORDS, ACCOUNT, "203.0.113.7", message]
        ]
        assert control
        assert {evaluated(other) for other in others if other} == {evaluated(control)}


@given(text=st.sampled_from([*MESSAGES, "The security token has expired"]), data=st.data())
def test_no_part_of_a_message_as_an_id_changes_how_it_is_evaluated(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    raw, signal = (signal_in(an_event(a_record(key, errorMessage=text))) for key in ("**", part))
    assert raw
    assert signal
    assert signal.error_class is raw.error_class


@given(st.text(alphabet=ascii_letters + digits, min_size=4, max_size=15).filter(lambda it: it not in REFUSED))
def test_a_malformed_id_is_shown_in_no_text_that_a_caller_can_write(key: str) -> None:
    message, agent = f"the key {key} is refused", f"tool/{key}"
    signal = signal_in(an_event(a_record(key, errorMessage=message, userAgent=agent)))
    assert signal
    assert key not in signal.error_message.replace(REMOVED, "")
    assert key not in signal.caller.user_agent.replace(REMOVED, "")


WITH_SLASH = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzZ9Q4TpLm2Xk"
SCOPE = "20260314/eu-central-1/sts/aws4_request"
TOO_MANY = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"


@pytest.mark.parametrize(
    ("access_key_id", "message"),
    [
        (WITH_SLASH, ""),
        (WITH_SLASH, f"{TOO_MANY} '{WITH_SLASH}/{SCOPE}'"),
        (None, f"{TOO_MANY} '{WITH_SLASH}/{SCOPE}'"),
        ("wJalrXUtnFEMI", f"{TOO_MANY} '{WITH_SLASH}/{SCOPE}'"),
    ],
)
def test_a_secret_with_a_slash_is_recognised_and_not_kept(access_key_id: str | None, message: str) -> None:
    record = a_record(access_key_id, errorCode="IncompleteSignature", errorMessage=message)
    signal = signal_in(an_event(record))
    assert signal is not None
    assert signal.error_class is ErrorClass.RELATED_CREDENTIAL_ERROR
    assert signal.incident_key == a_signal(WITH_SLASH).incident_key
    assert WITH_SLASH not in signal.error_message
    diagnosis = diagnose(a_case(signal, Evidence()))
    assert diagnosis.exposes_secret
    assert "K7MDENG" not in " ".join(diagnosis.facts)


@pytest.mark.parametrize("access_key_id", [key_id(), "akia", None])
def test_any_other_incomplete_signature_is_no_failure_of_a_key(access_key_id: str | None) -> None:
    message = f"{TOO_MANY} '{key_id()}/x/{SCOPE}'"
    record = a_record(access_key_id, errorCode="IncompleteSignature", errorMessage=message)
    signal = signal_in(an_event(record))
    assert signal is not None
    assert signal.error_class is ErrorClass.UNRELATED
