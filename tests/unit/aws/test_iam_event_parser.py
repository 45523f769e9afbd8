"""IAM's records of keys and users, in their shapes (aws-facts 4.5), and in none of them."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.iam import ROOT
from lambdas.aws.domain.iam_events import IamEvent
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.errors import PermanentError
from lambdas.text import is_user_name
from tests.support.builders import NOON, a_record, an_event
from tests.support.entries import NAMES
from tests.support.iam_records import (
    ADMIN,
    BOB,
    KEY,
    LIMIT_EXCEEDED,
    ROOT_USER,
    an_iam_record,
    created_key,
    created_user,
    deleted_key,
    on_alice,
    updated_key,
)

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"


def parsed(record: dict[str, Any]) -> IamEvent:
    event = parse_iam_event(an_event(record))
    assert event is not None
    return event


def of_key(name: str, by: str, user_name: str, status: str = "") -> IamEvent:
    return IamEvent(
        event_name=name,
        at=NOON,
        by=by,
        user_name=user_name,
        access_key_id=KEY,
        status=status,
        source="203.0.113.7",
    )


def of_alice(name: str, **fields: Any) -> IamEvent:
    by = "user/staff/bob"
    return IamEvent(event_name=name, at=NOON, by=by, user_name="alice", source="203.0.113.7", **fields)


OTHERS_KEYS = [
    (created_key(), of_key("CreateAccessKey", "user/staff/bob", "alice")),
    (created_key(ADMIN), of_key("CreateAccessKey", "assumed-role/Admin/carol", "alice")),
    (created_key(ROOT_USER), of_key("CreateAccessKey", "root", "alice")),
    (updated_key(), of_key("UpdateAccessKey", "user/staff/bob", "alice", "Inactive")),
    (updated_key(ROOT_USER, status="Active"), of_key("UpdateAccessKey", "root", "alice", "Active")),
    (deleted_key(ADMIN), of_key("DeleteAccessKey", "assumed-role/Admin/carol", "alice")),
]
OWN_KEYS = [
    (created_key(named=False, answers_to="bob"), of_key("CreateAccessKey", "user/staff/bob", "bob")),
    (created_key(named=False, answers_to=""), of_key("CreateAccessKey", "user/staff/bob", "bob")),
    (updated_key(named=False), of_key("UpdateAccessKey", "user/staff/bob", "bob", "Inactive")),
    (deleted_key(named=False), of_key("DeleteAccessKey", "user/staff/bob", "bob")),
]
ROOTS_KEYS = [
    (created_key(ROOT_USER, named=False, answers_to=""), of_key("CreateAccessKey", "root", ROOT)),
    (created_key(ROOT_USER, named=False, answers_to="Root"), of_key("CreateAccessKey", "root", ROOT)),
    (updated_key(ROOT_USER, named=False), of_key("UpdateAccessKey", "root", ROOT, "Inactive")),
    (
        updated_key(ROOT_USER | {"userName": "root"}, named=False, status="Active"),
        of_key("UpdateAccessKey", "root", ROOT, "Active"),
    ),
    (deleted_key(ROOT_USER, named=False), of_key("DeleteAccessKey", "root", ROOT)),
]
USERS = [
    (
        created_user(),
        of_alice(
            "CreateUser",
            user_id="AIDAALICE",
            path="/staff/",
            tags={"team": "red", KEY: "the nightly job"},
        ),
    ),
    (on_alice("DeleteUser"), of_alice("DeleteUser")),
    (on_alice("TagUser", tags=[{"key": "team", "value": ""}]), of_alice("TagUser", tags={"team": ""})),
    (on_alice("UntagUser", tagKeys=["a", "b"]), of_alice("UntagUser", tags={"a": None, "b": None})),
    (on_alice("UpdateUser", newUserName="carol"), of_alice("UpdateUser", new_name="carol")),
    (on_alice("UpdateUser", newPath="/x/"), of_alice("UpdateUser", path="/x/")),
    (on_alice("UpdateUser", newUserName="alice"), of_alice("UpdateUser")),
    (
        on_alice("UpdateUser", newUserName="carol", newPath="/x/"),
        of_alice("UpdateUser", new_name="carol", path="/x/"),
    ),
]


@pytest.mark.parametrize(("record", "event"), [*OTHERS_KEYS, *OWN_KEYS, *ROOTS_KEYS, *USERS])
def test_each_documented_shape_is_parsed_in_full(record: dict[str, Any], event: IamEvent) -> None:
    assert parsed(record) == event


@pytest.mark.parametrize(
    "record",
    [
        LIMIT_EXCEEDED,
        updated_key() | {"errorCode": "NoSuchEntityException", "errorMessage": "no such key"},
        deleted_key() | {"errorMessage": "something went wrong"},
        an_iam_record("ListAccessKeys", requestParameters={"userName": "alice"}),
        deleted_key() | {"eventSource": "sts.amazonaws.com"},
        deleted_key() | {"eventSource": None},
        a_record(),
        {},
    ],
)
def test_a_record_of_a_failed_call_or_of_another_one_is_ignored(record: dict[str, Any]) -> None:
    assert parse_iam_event(an_event(record)) is None


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("2022-09-27 17:09:18", datetime(2022, 9, 27, 17, 9, 18, tzinfo=UTC)),
        ("2023-01-03 01:52:07.000000000", datetime(2023, 1, 3, 1, 52, 7, tzinfo=UTC)),
        ("2023-01-03T01:52:07.999999999Z", datetime(2023, 1, 3, 1, 52, 7, tzinfo=UTC)),
        ("2023-01-03T03:52:07+02:00", datetime(2023, 1, 3, 1, 52, 7, tzinfo=UTC)),
    ],
)
def test_a_time_in_any_iso_format_is_parsed_to_the_second(time: str, at: datetime) -> None:
    assert parsed(deleted_key() | {"eventTime": time}).at == at


@pytest.mark.parametrize("time", [None, "", 7, "yesterday", "Jul 10, 2023 12:24:29 PM", ["2023-01-03"]])
def test_a_record_without_a_time_is_rejected(time: object) -> None:
    with pytest.raises(PermanentError, match="no usable eventTime"):
        parse_iam_event(an_event(deleted_key() | {"eventTime": time}))


@pytest.mark.parametrize("access_key_id", [None, "", 7, "ABCDEFG", "1111", SECRET, "AKIA" * 9])
def test_a_record_without_a_usable_key_is_rejected(access_key_id: object) -> None:
    record = an_iam_record("DeleteAccessKey", requestParameters={"accessKeyId": access_key_id})
    with pytest.raises(PermanentError, match="no access key id"):
        parse_iam_event(an_event(record))


@pytest.mark.parametrize("name", ["two words", "x" * 129, "\u00e4", "\ud800", "user:x", "a\nb"])
def test_an_impossible_user_name_is_rejected_because_it_would_stop_every_sync(name: str) -> None:
    with pytest.raises(PermanentError, match="names no user"):
        parse_iam_event(an_event(on_alice("DeleteUser", userName=name)))
    with pytest.raises(PermanentError, match="no usable new user name"):
        parse_iam_event(an_event(on_alice("UpdateUser", newUserName=name)))


@given(NAMES)
def test_every_possible_user_name_is_kept_as_it_is(name: str) -> None:
    assert parsed(on_alice("DeleteUser", userName=name)).user_name == name


@pytest.mark.parametrize("identity", [BOB, ROOT_USER])
@pytest.mark.parametrize("name", ["CreateUser", "DeleteUser", "TagUser", "UntagUser", "UpdateUser"])
@pytest.mark.parametrize("parameters", [None, {}, "text", {"userName": None}])
def test_a_change_of_an_unnamed_user_is_never_attributed_to_the_caller(
    identity: dict[str, str], name: str, parameters: object
) -> None:
    with pytest.raises(PermanentError, match="names no user"):
        parse_iam_event(an_event(an_iam_record(name, identity, requestParameters=parameters)))


def test_a_role_that_names_no_user_is_not_a_key_owner() -> None:
    with pytest.raises(PermanentError, match="names no user"):
        parse_iam_event(an_event(deleted_key(ADMIN, named=False)))


def test_an_update_without_a_status_stops_no_key() -> None:
    record = an_iam_record("UpdateAccessKey", requestParameters={"userName": "alice", "accessKeyId": KEY})
    assert not parsed(record).stops_keys
    assert parsed(updated_key()).stops_keys
    assert parsed(updated_key(status="Expired")).stops_keys
    assert not parsed(updated_key(status="Active")).stops_keys


@pytest.mark.parametrize("value", [SECRET, f"key={SECRET}", f"the secret is {SECRET}, keep it"])
def test_a_tag_stays_as_it_was_set_and_appears_in_no_text_about_the_event(value: str) -> None:
    for record in (on_alice("TagUser", tags=[{"key": "note", "value": value}]), created_user()):
        record["requestParameters"]["tags"] = [{"key": "note", "value": value}]
        assert parsed(record).tags == {"note": value}
        assert SECRET not in repr(parsed(record))


def test_malformed_tags_are_ignored() -> None:
    tags = [
        "text",
        None,
        {"value": "nameless"},
        {"key": "", "value": "x"},
        {"key": "a"},
        {"key": "b", "value": 7},
    ]
    assert parsed(on_alice("TagUser", tags=tags)).tags == {"a": "", "b": ""}
    assert parsed(on_alice("TagUser", tags="text")).tags == {}
    assert parsed(on_alice("UntagUser", tagKeys=[None, 7, "", "a"])).tags == {"a": None}


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "null", "{}", '{"detail": null}', '{"detail": []}'])
def test_what_is_not_an_event_is_rejected(body: str) -> None:
    with pytest.raises(PermanentError):
        parse_iam_event(body)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
RECORDS = [
    created_key(),
    updated_key(),
    deleted_key(named=False),
    created_user(),
    on_alice("UpdateUser", newUserName="b"),
]
RECORDS += [on_alice("TagUser", tags=[{"key": "a", "value": "b"}]), on_alice("UntagUser", tagKeys=["a"])]
PLACES = [
    (number, path)
    for number, record in enumerate(RECORDS)
    for path in [
        *((name,) for name in record),
        *(("userIdentity", name) for name in BOB),
        *(("requestParameters", name) for name in record["requestParameters"]),
        *(("responseElements", name) for name in record["responseElements"] or ()),
    ]
]


@given(place=st.sampled_from(PLACES), value=ANYTHING)
def test_any_json_in_any_field_is_an_event_or_ignored_or_a_permanent_error(
    place: tuple[int, tuple[str, ...]], value: Any
) -> None:
    number, path = place
    record = json.loads(json.dumps(RECORDS[number]))
    inner = record if len(path) == 1 else record[path[0]]
    inner[path[-1]] = value
    with contextlib.suppress(PermanentError):
        event = parse_iam_event(an_event(record))
        assert event is None or is_user_name(event.user_name)


@given(ANYTHING)
def test_any_json_as_detail_is_ignored_or_a_permanent_error(detail: Any) -> None:
    with contextlib.suppress(PermanentError):
        assert parse_iam_event(json.dumps({"detail": detail})) is None
