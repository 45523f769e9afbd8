from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import Workbench, eventually, policy, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

OWN = "arn:aws:iam::*:user/team/${aws:username}"


def pages(bench: Workbench, operation: str, size: int, **arguments: Any) -> list[dict[str, Any]]:
    paginator = bench.client("iam").get_paginator(operation)
    return list(paginator.paginate(PaginationConfig={"PageSize": size}, **arguments))


def test_the_users_come_in_pages_without_their_tags(bench: Workbench) -> None:
    made = {bench.user() for _ in range(3)}
    bench.client("iam").tag_user(UserName=min(made), Tags=[{"Key": "owner", "Value": "a"}])
    found = pages(bench, "list_users", 2)
    users = [user for page in found for user in page["Users"]]
    assert {len(page["Users"]) for page in found[:-1]} == {2}
    assert made <= {user["UserName"] for user in users}
    assert len({user["UserName"] for user in users}) == len(users)
    assert not any("Tags" in user for user in users)


def test_a_user_deleted_between_two_pages_hides_no_other(bench: Workbench) -> None:
    users = [bench.user() for _ in range(4)]
    iam = bench.client("iam")
    first = iam.list_users(MaxItems=1)
    shown = {user["UserName"] for user in first["Users"]}
    gone = next(iter({*users} - shown))
    iam.delete_user(UserName=gone)
    rest = iam.list_users(Marker=first["Marker"], MaxItems=1000)["Users"]
    assert {*users} - {gone} <= shown | {user["UserName"] for user in rest}


def test_a_page_has_a_hundred_users_unless_told(bench: Workbench) -> None:
    for number in range(101):
        bench.client("iam").create_user(UserName=f"many-{number}", Path="/many/")
    first = bench.client("iam").list_users(PathPrefix="/many/")
    assert (len(first["Users"]), first["IsTruncated"]) == (100, True)
    second = bench.client("iam").list_users(PathPrefix="/many/", Marker=first["Marker"])
    assert (len(second["Users"]), second["IsTruncated"]) == (1, False)


def test_more_than_a_thousand_at_once_are_refused(bench: Workbench) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        bench.client("iam").list_users(MaxItems=1001)


def test_the_keys_of_a_user_come_in_pages(bench: Workbench) -> None:
    user = bench.user()
    keys = {bench.key(user)[0], bench.key(user)[0]}
    found = pages(bench, "list_access_keys", 1, UserName=user)
    assert [len(page["AccessKeyMetadata"]) for page in found] == [1, 1]
    assert {page["AccessKeyMetadata"][0]["AccessKeyId"] for page in found} == keys


def test_the_keys_of_an_absent_user_are_no_such_entity(bench: Workbench) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity") as refused:
        bench.client("iam").list_access_keys(UserName=bench.name("absent"))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_the_accounts_details_name_every_user_with_its_tags_in_pages(bench: Workbench) -> None:
    name = bench.name("user")
    tags = [{"Key": "access-key-remediator:secret", "Value": "access-keys/app"}]
    made = bench.client("iam").create_user(UserName=name, Path="/apps/", Tags=tags)["User"]
    bench.user()
    found = pages(bench, "get_account_authorization_details", 1, Filter=["User"])
    details = [detail for page in found for detail in page["UserDetailList"]]
    assert {len(page["UserDetailList"]) for page in found} == {1}
    detail = next(detail for detail in details if detail["UserName"] == name)
    fields = ("UserName", "UserId", "Path", "Arn", "CreateDate", "Tags")
    assert {field: detail[field] for field in fields} == {field: made[field] for field in fields}


def test_the_accounts_details_of_every_kind_share_the_pages(bench: Workbench) -> None:
    user, role = bench.user(), bench.role("events")
    kinds = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    found = pages(bench, "get_account_authorization_details", 3)
    assert all(sum(len(page[kind]) for kind in kinds) == 3 for page in found[:-1])
    assert user in {detail["UserName"] for page in found for detail in page["UserDetailList"]}
    assert role in {detail["Arn"] for page in found for detail in page["RoleDetailList"]}


def test_the_simulator_may_be_asked_of_some_users_alone(bench: Workbench) -> None:
    account, action = bench.aws.account, "secretsmanager:GetSecretValue"
    arns = [f"arn:aws:iam::{account}:user/{bench.user(statement(action))}" for _ in range(2)]
    asker = bench.session(bench.key(bench.user(statement("iam:SimulatePrincipalPolicy", arns[0]))))
    simulate = asker.client("iam").simulate_principal_policy
    (result,) = simulate(PolicySourceArn=arns[0], ActionNames=[action])["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"
    with pytest.raises(ClientError, match="AccessDenied"):
        simulate(PolicySourceArn=arns[1], ActionNames=[action])


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        ("iam:GetAccountAuthorizationDetails", "get_account_authorization_details"),
        ("iam:ListUsers", "list_users"),
    ],
)
def test_a_listing_of_all_users_is_not_granted_by_their_path(
    bench: Workbench, action: str, operation: str
) -> None:
    narrow = bench.session(bench.key(bench.user(statement(action, "arn:aws:iam::*:user/*"))))
    wide = bench.session(bench.key(bench.user(statement(action))))
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(narrow.client("iam"), operation)()
    assert getattr(wide.client("iam"), operation)()


def test_a_user_manages_its_own_keys_by_a_policy_that_names_it(bench: Workbench) -> None:
    user, iam = bench.name("user"), bench.client("iam")
    iam.create_user(UserName=user, Path="/team/")
    document = policy(statement(["iam:*AccessKey*", "iam:GetUser"], OWN))
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    mine = bench.session(bench.key(user)).client("iam")
    own = mine.create_access_key()["AccessKey"]["AccessKeyId"]
    mine.update_access_key(AccessKeyId=own, Status="Inactive")
    states = {key["AccessKeyId"]: key["Status"] for key in mine.list_access_keys()["AccessKeyMetadata"]}
    assert states[own] == "Inactive"
    mine.delete_access_key(AccessKeyId=own)
    assert mine.get_user()["User"]["UserName"] == user
    with pytest.raises(ClientError, match="AccessDenied"):
        mine.list_access_keys(UserName=bench.user())


def test_a_role_has_to_name_the_user(bench: Workbench) -> None:
    trust = {**statement("sts:AssumeRole", Principal={"AWS": bench.aws.account})}
    trust.pop("Resource")
    name, iam = bench.name("role"), bench.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(statement("iam:*")))
    answer = bench.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    secrets = {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }
    assumed = bench.session().client("iam", **secrets)
    with pytest.raises(ClientError, match="Must specify userName"):
        assumed.get_user()


def test_a_new_key_is_listed_once_the_listing_has_caught_up(other_aws: LocalAws) -> None:
    bench = Workbench(other_aws)
    user = bench.user()
    key, _ = bench.key(user)

    def listed() -> list[str]:
        answer = bench.client("iam").list_access_keys(UserName=user)
        return [one["AccessKeyId"] for one in answer["AccessKeyMetadata"]]

    assert listed() == []
    assert eventually(lambda: listed() == [key])
