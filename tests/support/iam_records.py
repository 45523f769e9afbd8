"""Records of IAM calls about keys and users, as CloudTrail writes them (aws-facts 4.5)."""

from __future__ import annotations

from typing import Any

from tests.support.builders import ACCOUNT, key_id

KEY = key_id()
ARN = f"arn:aws:iam::{ACCOUNT}"
BOB = {"type": "IAMUser", "userName": "bob", "arn": f"{ARN}:user/staff/bob", "accountId": ACCOUNT}
ADMIN = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/carol"}
ROOT_USER = {"type": "Root", "arn": f"{ARN}:root", "accountId": ACCOUNT}
TAGS = [{"key": "team", "value": "red"}, {"key": KEY, "value": "the nightly job"}]


def an_iam_record(event_name: str, identity: Any = None, **fields: Any) -> dict[str, Any]:
    record = {
        "eventVersion": "1.11",
        "userIdentity": identity or BOB,
        "eventTime": "2026-03-14T12:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": event_name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "console.amazonaws.com",
        "requestParameters": None,
        "responseElements": None,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    }
    return record | fields


def created_key(identity: Any = None, *, named: bool = True, answers_to: str = "alice") -> dict[str, Any]:
    key = {"accessKeyId": KEY, "status": "Active", "createDate": "Mar 14, 2026 12:00:00 PM"}
    return an_iam_record(
        "CreateAccessKey",
        identity,
        requestParameters={"userName": "alice"} if named else None,
        responseElements={"accessKey": key | ({"userName": answers_to} if answers_to else {})},
    )


def updated_key(identity: Any = None, *, named: bool = True, status: str = "Inactive") -> dict[str, Any]:
    given = {"accessKeyId": KEY, "status": status} | ({"userName": "alice"} if named else {})
    return an_iam_record("UpdateAccessKey", identity, requestParameters=given)


def deleted_key(identity: Any = None, *, named: bool = True) -> dict[str, Any]:
    given = {"accessKeyId": KEY} | ({"userName": "alice"} if named else {})
    return an_iam_record("DeleteAccessKey", identity, requestParameters=given)


def created_user(identity: Any = None) -> dict[str, Any]:
    user = {"path": "/staff/", "userName": "alice", "userId": "AIDAALICE", "arn": f"{ARN}:user/staff/alice"}
    return an_iam_record(
        "CreateUser",
        identity,
        requestParameters={"userName": "alice", "path": "/staff/", "tags": TAGS},
        responseElements={"user": user | {"createDate": "Mar 14, 2026 12:00:00 PM", "tags": TAGS}},
    )


def on_alice(event_name: str, **parameters: Any) -> dict[str, Any]:
    return an_iam_record(event_name, requestParameters={"userName": "alice"} | parameters)


LIMIT_EXCEEDED = {
    name: value
    for name, value in an_iam_record(
        "CreateAccessKey",
        errorCode="LimitExceededException",
        errorMessage="Cannot exceed quota for AccessKeysPerUser: 2",
    ).items()
    if name not in {"requestParameters", "responseElements"}
}
