from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.key_record_parser import parse_key_change
from tests.support.builders import key_id

KEY = key_id()
BOB = {
    "type": "IAMUser",
    "userName": "bob",
    "arn": "arn:aws:iam::123456789012:user/bob",
    "accountId": "123456789012",
}
ROOT = {"type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"}
ADMIN = {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol"}


def a_key_record(event_name: str, identity: dict[str, str], **fields: Any) -> dict[str, Any]:
    source = {"eventSource": "iam.amazonaws.com"}
    record = source | {"eventName": event_name, "eventTime": "2026-03-14T11:58:00Z", "userIdentity": identity}
    return record | fields


@pytest.mark.parametrize(
    ("record", "user_name", "by", "status"),
    [
        pytest.param(
            a_key_record(
                "UpdateAccessKey",
                BOB,
                requestParameters={"userName": "alice", "accessKeyId": KEY, "status": "Inactive"},
            ),
            "alice",
            "user/bob",
            "Inactive",
            id="another's key is deactivated",
        ),
        pytest.param(
            a_key_record("DeleteAccessKey", BOB, requestParameters={"accessKeyId": KEY}),
            "bob",
            "user/bob",
            "",
            id="one's own key is deleted, so no name is given",
        ),
        pytest.param(
            a_key_record(
                "CreateAccessKey",
                ADMIN,
                requestParameters=None,
                responseElements={"accessKey": {"accessKeyId": KEY, "userName": "alice"}},
            ),
            "alice",
            "assumed-role/Admin/carol",
            "",
            id="a role makes a key",
        ),
        pytest.param(
            a_key_record(
                "CreateAccessKey",
                ROOT,
                requestParameters=None,
                responseElements={"accessKey": {"accessKeyId": KEY}},
            ),
            "",
            "root",
            "",
            id="root makes its own key",
        ),
    ],
)
def test_each_documented_shape_is_parsed_with_its_user_actor_and_status(
    record: dict[str, Any], user_name: str, by: str, status: str
) -> None:
    change = parse_key_change(record, KEY)
    assert change is not None
    assert (change.user_name, change.by, change.status) == (user_name, by, status)


@pytest.mark.parametrize(
    "record",
    [
        a_key_record("DeleteAccessKey", BOB, requestParameters={"accessKeyId": key_id(9)}),
        a_key_record(
            "DeleteAccessKey",
            BOB,
            requestParameters={"accessKeyId": KEY},
            errorCode="NoSuchEntityException",
        ),
        a_key_record("AssumeRole", BOB, requestParameters={"accessKeyId": KEY}),
        a_key_record("DeleteAccessKey", BOB, requestParameters={"accessKeyId": KEY}, eventTime="?"),
        a_key_record("DeleteAccessKey", BOB, requestParameters="text", responseElements=[]),
        {},
    ],
    ids=["of another key", "that failed", "of another event", "without a time", "misshapen", "empty"],
)
def test_a_record_that_is_no_successful_change_of_the_key_is_none(record: dict[str, Any]) -> None:
    assert parse_key_change(record, KEY) is None
