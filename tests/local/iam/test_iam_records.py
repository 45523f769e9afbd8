from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import Workbench, eventually, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws


def created_key(bench: Workbench, operation: str, attribute: str, value: str) -> dict[str, Any]:
    def look() -> list[dict[str, Any]]:
        records = bench.records(attribute, value)
        return [record for record in records if record["eventName"] == operation]

    return eventually(look)[0]


def test_a_created_key_is_found_by_its_id_with_the_user_it_belongs_to(bench: Workbench) -> None:
    user = bench.user()
    key, _ = bench.key(user)
    record = created_key(bench, "CreateAccessKey", "ResourceName", key)
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
    updated = created_key(bench, "UpdateAccessKey", "ResourceName", key)
    deleted = created_key(bench, "DeleteAccessKey", "ResourceName", key)
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
    created_key(bench, "DeleteUser", "ResourceName", user)
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
    record = created_key(bench, "CreateAccessKey", "ResourceName", own["AccessKeyId"])
    assert own["UserName"] == user
    assert record["requestParameters"] is None
    assert record["userIdentity"]["userName"] == user
    assert record["userIdentity"]["accessKeyId"] == key[0]


def test_a_user_that_switches_off_and_deletes_its_own_key_is_not_named_in_the_request(
    bench: Workbench,
) -> None:
    user = bench.user(statement(["iam:UpdateAccessKey", "iam:DeleteAccessKey"]))
    own, _ = bench.key(user)
    mine = bench.session(bench.key(user)).client("iam")
    mine.update_access_key(AccessKeyId=own, Status="Inactive")
    mine.delete_access_key(AccessKeyId=own)
    deleted = created_key(bench, "DeleteAccessKey", "ResourceName", own)
    updated = created_key(bench, "UpdateAccessKey", "ResourceName", own)
    assert deleted["requestParameters"] == {"accessKeyId": own}
    assert updated["requestParameters"] == {"accessKeyId": own, "status": "Inactive"}
    assert deleted["userIdentity"]["userName"] == updated["userIdentity"]["userName"] == user


def test_the_key_that_root_makes_for_itself_has_no_request_and_no_user(bench: Workbench) -> None:
    account = "777788889999"
    root = Workbench(bench.aws)
    root.client = bench.session((account, "root")).client
    key = root.client("iam").create_access_key()["AccessKey"]["AccessKeyId"]
    record = created_key(root, "CreateAccessKey", "ResourceName", key)
    assert record["requestParameters"] is None
    assert record["responseElements"]["accessKey"].keys() == {"accessKeyId", "status", "createDate"}
    assert record["userIdentity"] == {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": account,
    }
    assert record["recipientAccountId"] == account


def test_the_record_of_a_created_user_has_its_tags_in_the_request_and_the_response(bench: Workbench) -> None:
    name = bench.name("user")
    bench.client("iam").create_user(
        UserName=name, Path="/apps/", Tags=[{"Key": "owner", "Value": "a@example.com"}]
    )
    record = created_key(bench, "CreateUser", "ResourceName", name)
    tags = [{"key": "owner", "value": "a@example.com"}]
    user = record["responseElements"]["user"]
    assert record["requestParameters"] == {"userName": name, "path": "/apps/", "tags": tags}
    assert (user["tags"], user["path"]) == (tags, "/apps/")
    assert user["arn"] == f"arn:aws:iam::{bench.aws.account}:user/apps/{name}"
    assert user["userId"].startswith("AIDA")


def test_a_renamed_users_record_has_both_names(bench: Workbench) -> None:
    user = bench.user()
    bench.client("iam").update_user(UserName=user, NewUserName=f"{user}-new")
    record = created_key(bench, "UpdateUser", "ResourceName", user)
    assert record["requestParameters"] == {"userName": user, "newUserName": f"{user}-new"}


def test_a_third_key_is_refused_with_the_name_of_the_quota(bench: Workbench) -> None:
    user = bench.user()
    for _ in range(2):
        bench.key(user)
    with pytest.raises(ClientError, match="LimitExceeded"):
        bench.key(user)
    record = created_key(bench, "CreateAccessKey", "ResourceName", user)
    assert record["errorCode"] == "LimitExceededException"
    assert record["errorMessage"] == "Cannot exceed quota for AccessKeysPerUser: 2"
    assert record["responseElements"] is None


def test_a_failed_call_names_iams_error_as_an_exception(bench: Workbench) -> None:
    absent = bench.name("absent")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        bench.client("iam").delete_user(UserName=absent)
    record = created_key(bench, "DeleteUser", "ResourceName", absent)
    assert record["errorCode"] == "NoSuchEntityException"
    assert record["requestParameters"] == {"userName": absent}


def test_iams_records_are_in_its_home_region_wherever_the_call_was_made(aws: LocalAws) -> None:
    away = Workbench(aws, "eu-central-1")
    user = away.user()
    key, _ = away.key(user)
    home = created_key(Workbench(aws), "CreateAccessKey", "ResourceName", key)
    assert home["awsRegion"] == "us-east-1"
    assert away.records("ResourceName", key) == []


def test_no_rule_of_another_region_sees_iams_records(aws: LocalAws) -> None:
    away, home = Workbench(aws, "eu-central-1"), Workbench(aws)
    user = away.user()
    pattern = {"source": ["aws.iam"], "detail": {"requestParameters": {"userName": [user]}}}
    there, here = away.events(pattern), home.events(pattern)
    away.key(user)
    assert home.event(here)["region"] == "us-east-1"
    assert away.receive(there, wait=0) == []


def test_a_refused_call_of_iam_is_in_its_home_region_too(aws: LocalAws) -> None:
    away, home = Workbench(aws, "eu-central-1"), Workbench(aws)
    key = away.inactive_key()
    away.refuse(key, "iam", "list_users")
    away.refuse(key, "sts", "get_caller_identity")
    assert created_key(home, "ListUsers", "AccessKeyId", key[0])["awsRegion"] == "us-east-1"
    regional = eventually(lambda: away.records("AccessKeyId", key[0]))
    assert [record["eventName"] for record in regional] == ["GetCallerIdentity"]


def test_iams_records_reach_an_ordinary_rule(bench: Workbench) -> None:
    user = bench.user()
    url = bench.events({"source": ["aws.iam"], "detail": {"requestParameters": {"userName": [user]}}})
    key, _ = bench.key(user)
    assert bench.event(url)["detail"]["responseElements"]["accessKey"]["accessKeyId"] == key


def test_the_calls_of_a_role_name_its_session_and_its_issuer(bench: Workbench) -> None:
    code = "import boto3\ndef handler(event, context):\n    boto3.client('iam').list_users()"
    function = bench.function(code, statement("iam:ListUsers"))
    bench.client("lambda").invoke(FunctionName=function)
    record = created_key(bench, "ListUsers", "Username", function)
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"].endswith(f":{function}")
    assert identity["sessionContext"]["sessionIssuer"]["type"] == "Role"


def test_the_history_finds_who_issued_a_temporary_key(bench: Workbench) -> None:
    key = bench.key(bench.user())
    issued = bench.session(key).client("sts").get_session_token()["Credentials"]
    record = created_key(bench, "GetSessionToken", "ResourceName", issued["AccessKeyId"])
    assert record["userIdentity"]["accessKeyId"] == key[0]
    assert record["responseElements"]["credentials"]["accessKeyId"] == issued["AccessKeyId"]
    assert issued["SecretAccessKey"] not in str(record)
