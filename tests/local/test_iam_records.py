from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import Workbench, eventually, statement

if TYPE_CHECKING:
    from local.aws.process import LocalAws


def record_of(bench: Workbench, operation: str, attribute: str, value: str) -> dict[str, Any]:
    def look() -> list[dict[str, Any]]:
        records = bench.records(attribute, value)
        return [record for record in records if record["eventName"] == operation]

    return eventually(look)[0]


def test_a_created_key_is_found_by_its_id_with_the_user_it_belongs_to(bench: Workbench) -> None:
    user = bench.user()
    key, _ = bench.key(user)
    record = record_of(bench, "CreateAccessKey", "ResourceName", key)
    created = record["responseElements"]["accessKey"]
    assert record["requestParameters"] == {"userName": user}
    assert (created["accessKeyId"], created["userName"], created["status"]) == (key, user, "Active")
    assert created["createDate"].endswith(("AM", "PM"))
    assert record["userIdentity"]["arn"].endswith(":user/administrator")


def test_switching_a_key_off_and_deleting_it_name_the_key_in_the_request(bench: Workbench) -> None:
    user = bench.user()
    key, _ = bench.key(user)
    request = {"UserName": user, "AccessKeyId": key}
    bench.client("iam").update_access_key(**request, Status="Inactive")
    bench.client("iam").delete_access_key(**request)
    named = {"userName": user, "accessKeyId": key}
    updated = record_of(bench, "UpdateAccessKey", "ResourceName", key)
    deleted = record_of(bench, "DeleteAccessKey", "ResourceName", key)
    assert updated["requestParameters"] == {**named, "status": "Inactive"}
    assert deleted["requestParameters"] == named
    assert updated["responseElements"] is deleted["responseElements"] is None


def test_a_users_life_is_found_by_its_name(bench: Workbench) -> None:
    user = bench.user()
    iam = bench.client("iam")
    iam.tag_user(UserName=user, Tags=[{"Key": "owner", "Value": "a@example.com"}])
    iam.untag_user(UserName=user, TagKeys=["owner"])
    iam.update_user(UserName=user, NewPath="/apps/")
    iam.delete_user(UserName=user)
    record_of(bench, "DeleteUser", "ResourceName", user)
    records = {record["eventName"]: record for record in bench.records("ResourceName", user)}
    assert list(records) == ["DeleteUser", "UpdateUser", "UntagUser", "TagUser", "CreateUser"]
    assert records["CreateUser"]["responseElements"]["user"]["userName"] == user
    assert records["TagUser"]["requestParameters"]["tags"] == [{"key": "owner", "value": "a@example.com"}]
    assert records["UntagUser"]["requestParameters"]["tagKeys"] == ["owner"]
    assert records["UpdateUser"]["requestParameters"] == {"userName": user, "newPath": "/apps/"}


def test_a_user_that_manages_its_own_key_is_named_by_its_identity_alone(bench: Workbench) -> None:
    user = bench.user(statement("iam:CreateAccessKey"))
    key = bench.key(user)
    own = bench.session(key).client("iam").create_access_key()["AccessKey"]
    record = record_of(bench, "CreateAccessKey", "ResourceName", own["AccessKeyId"])
    assert own["UserName"] == user
    assert record["requestParameters"] is None
    assert record["userIdentity"]["userName"] == user
    assert record["userIdentity"]["accessKeyId"] == key[0]


def test_a_failed_call_names_iams_error_as_an_exception(bench: Workbench) -> None:
    absent = bench.name("absent")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        bench.client("iam").delete_user(UserName=absent)
    record = record_of(bench, "DeleteUser", "ResourceName", absent)
    assert record["errorCode"] == "NoSuchEntityException"
    assert record["requestParameters"] == {"userName": absent}


def test_iams_records_are_in_its_home_region_wherever_the_call_was_made(aws: LocalAws) -> None:
    away = Workbench(aws, "eu-central-1")
    user = away.user()
    key, _ = away.key(user)
    home = record_of(Workbench(aws), "CreateAccessKey", "ResourceName", key)
    assert home["awsRegion"] == "us-east-1"
    assert away.records("ResourceName", key) == []


def test_iams_records_reach_an_ordinary_rule(bench: Workbench) -> None:
    user = bench.user()
    url = bench.events({"source": ["aws.iam"], "detail": {"requestParameters": {"userName": [user]}}})
    key, _ = bench.key(user)
    assert bench.event(url)["detail"]["responseElements"]["accessKey"]["accessKeyId"] == key


def test_the_calls_of_a_role_name_its_session_and_its_issuer(bench: Workbench) -> None:
    code = "import boto3\ndef handler(event, context):\n    boto3.client('iam').list_users()"
    function = bench.function(code, statement("iam:ListUsers"))
    bench.client("lambda").invoke(FunctionName=function)
    record = record_of(bench, "ListUsers", "Username", function)
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"].endswith(f":{function}")
    assert identity["sessionContext"]["sessionIssuer"]["type"] == "Role"


def test_the_history_finds_who_issued_a_temporary_key(bench: Workbench) -> None:
    key = bench.key(bench.user())
    issued = bench.session(key).client("sts").get_session_token()["Credentials"]
    record = record_of(bench, "GetSessionToken", "ResourceName", issued["AccessKeyId"])
    assert record["userIdentity"]["accessKeyId"] == key[0]
    assert record["responseElements"]["credentials"]["accessKeyId"] == issued["AccessKeyId"]
    assert issued["SecretAccessKey"] not in str(record)
