from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambdas.enrolment.domain.own_user_policy import own_policy
from tests.local.workbench import policy, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

READ = "secretsmanager:GetSecretValue"
TAG = {"Key": "access-key-remediator:user-id", "Value": "AIDA"}
DENIED = "AccessDenied"
BLOCKS_PUBLIC = {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}}


def secret_of(bench: Workbench, prefix: str = "access-keys/user", **more: Any) -> str:
    """Its ARN."""
    client, name = bench.client("secretsmanager"), bench.name(prefix)
    arn: str = client.create_secret(Name=name, SecretString="v", **more)["ARN"]
    return arn


def caller(bench: Workbench, *statements: dict[str, Any]) -> Any:
    return bench.session(bench.key(bench.user(*statements))).client("secretsmanager")


def pattern(bench: Workbench, name: str) -> str:
    return f"arn:aws:secretsmanager:us-east-1:{bench.aws.account}:secret:{name}"


def test_a_prefix_covers_the_secrets_below_it_whatever_their_random_ending(bench: Workbench) -> None:
    mine = caller(bench, statement(READ, pattern(bench, "access-keys/*")))
    inside, outside = secret_of(bench), secret_of(bench, "other/user")
    assert len(inside.rpartition("-")[2]) == 6
    assert mine.get_secret_value(SecretId=inside)["SecretString"] == "v"
    assert mine.get_secret_value(SecretId=inside.partition(":secret:")[2][:-7])["SecretString"] == "v"
    with pytest.raises(ClientError, match=DENIED):
        mine.get_secret_value(SecretId=outside)


def test_a_secret_that_does_not_exist_yet_is_matched_by_its_name(bench: Workbench) -> None:
    mine = caller(bench, statement("secretsmanager:CreateSecret", pattern(bench, "access-keys/*")))
    assert mine.create_secret(Name=bench.name("access-keys/new"), SecretString="v")["ARN"]
    with pytest.raises(ClientError, match=DENIED):
        mine.create_secret(Name=bench.name("other/new"), SecretString="v")


@pytest.mark.parametrize("key", ["secretsmanager:ResourceTag", "aws:ResourceTag"])
def test_a_condition_on_a_secrets_tag_lets_only_the_tagged_one_be_read(bench: Workbench, key: str) -> None:
    condition = {"StringEquals": {f"{key}/{TAG['Key']}": TAG["Value"]}}
    mine = caller(bench, statement(READ, Condition=condition))
    assert mine.get_secret_value(SecretId=secret_of(bench, Tags=[TAG]))["SecretString"] == "v"
    with pytest.raises(ClientError, match=DENIED):
        mine.get_secret_value(SecretId=secret_of(bench))


def test_a_condition_on_the_label_sees_what_is_asked_for(bench: Workbench) -> None:
    condition = {"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}
    mine, arn = caller(bench, statement(READ, Condition=condition)), secret_of(bench)
    assert mine.get_secret_value(SecretId=arn)["SecretString"] == "v"
    with pytest.raises(ClientError, match=DENIED):
        mine.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")


def test_a_secrets_policy_lets_a_user_in_and_keeps_another_out(bench: Workbench) -> None:
    arn, user = secret_of(bench), bench.user()
    named = {"AWS": f"arn:aws:iam::{bench.aws.account}:user/{user}"}
    document = policy(statement(READ, Principal=named))
    bench.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=document)
    owner = bench.session(bench.key(user)).client("secretsmanager")
    assert owner.get_secret_value(SecretId=arn)["SecretString"] == "v"
    with pytest.raises(ClientError, match=DENIED):
        caller(bench).get_secret_value(SecretId=arn)


def test_the_policy_of_an_enrolled_user_lets_in_that_user_alone(bench: Workbench) -> None:
    arn, user, other = secret_of(bench), bench.user(), bench.user()
    found = bench.client("iam").get_user(UserName=user)["User"]
    may = statement("secretsmanager:PutResourcePolicy", Condition=BLOCKS_PUBLIC)
    with pytest.raises(ClientError, match=DENIED):
        caller(bench, may).put_resource_policy(SecretId=arn, ResourcePolicy="{}")
    for user_id, is_let_in in ((found["UserId"], True), ("AIDAEARLIER", False)):
        document = own_policy(found["Arn"], user_id)
        request = {"SecretId": arn, "ResourcePolicy": document, "BlockPublicPolicy": True}
        caller(bench, may).put_resource_policy(**request)
        assert reads(bench, user, arn) is is_let_in
        assert not reads(bench, other, arn)


def reads(bench: Workbench, user: str, arn: str) -> bool:
    client = bench.session(bench.key(user)).client("secretsmanager")
    with suppress(ClientError):
        client.get_secret_value(SecretId=arn)
        return True
    return False


def test_a_value_under_a_customers_key_is_read_with_the_right_to_decrypt(bench: Workbench) -> None:
    key = bench.kms_key()
    arn = secret_of(bench, KmsKeyId=key)
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
    elsewhere = {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
    rich = caller(bench, statement(READ), statement("kms:Decrypt", key, Condition=via))
    assert rich.get_secret_value(SecretId=arn)["SecretString"] == "v"
    for more in ([], [statement("kms:Decrypt", key, Condition=elsewhere)]):
        with pytest.raises(ClientError, match=r"AccessDenied.*Access to KMS is not allowed"):
            caller(bench, statement(READ), *more).get_secret_value(SecretId=arn)


def test_a_value_under_a_customers_key_is_put_with_the_right_to_make_data_keys(bench: Workbench) -> None:
    key, all_secrets = bench.kms_key(), statement("secretsmanager:*")
    arn, token = secret_of(bench, KmsKeyId=key), "0" * 32
    request = {"SecretId": arn, "SecretString": "w", "ClientRequestToken": token}
    with pytest.raises(ClientError, match="Access to KMS"):
        caller(bench, all_secrets, statement("kms:Decrypt", key)).put_secret_value(**request)
    writer = caller(bench, all_secrets, statement("kms:GenerateDataKey", key))
    assert writer.put_secret_value(**request)["VersionId"] == token
    with pytest.raises(ClientError, match="Access to KMS"):  # to compare, it would have to decrypt
        writer.put_secret_value(**request)


def test_a_secret_is_created_under_a_customers_key_with_both_rights(bench: Workbench) -> None:
    key, create = bench.kms_key(), statement("secretsmanager:CreateSecret")
    request = {"Name": bench.name("access-keys/user"), "SecretString": "v", "KmsKeyId": key}
    with pytest.raises(ClientError, match="Access to KMS"):
        caller(bench, create, statement("kms:GenerateDataKey", key)).create_secret(**request)
    both = statement(["kms:GenerateDataKey", "kms:Decrypt"], key)
    assert caller(bench, create, both).create_secret(**request)["ARN"]


NAMED = {
    "ForAllValues:StringEquals": {"aws:TagKeys": [TAG["Key"]]},
    "Null": {f"aws:RequestTag/{TAG['Key']}": "false"},
}
UNCHANGED = {"StringEqualsIfExists": {f"aws:ResourceTag/{TAG['Key']}": f"${{aws:RequestTag/{TAG['Key']}}}"}}
UNTAGGED = {"Null": {f"aws:ResourceTag/{TAG['Key']}": "true"}}


def creator(bench: Workbench, condition: dict[str, Any]) -> Any:
    create = statement("secretsmanager:CreateSecret")
    return caller(bench, create, statement("secretsmanager:TagResource", Condition=condition))


def test_a_secret_is_created_with_tags_by_who_may_tag_it_so(bench: Workbench) -> None:
    mine = creator(bench, NAMED | UNCHANGED)
    assert mine.create_secret(Name=bench.name("mine"), SecretString="v", Tags=[TAG])["ARN"]
    without = caller(bench, statement("secretsmanager:CreateSecret"))
    for refused, tags in ((without, [TAG]), (mine, [TAG, {"Key": "team", "Value": "a"}])):
        with pytest.raises(ClientError, match=DENIED):
            refused.create_secret(Name=bench.name("theirs"), SecretString="v", Tags=tags)


def test_a_new_secret_has_the_tags_of_its_request_when_conditions_are_evaluated(bench: Workbench) -> None:
    with pytest.raises(ClientError, match=DENIED):
        creator(bench, UNTAGGED).create_secret(Name=bench.name("mine"), SecretString="v", Tags=[TAG])
    tagged = {"StringEquals": {f"aws:ResourceTag/{TAG['Key']}": TAG["Value"]}}
    mine = caller(bench, statement("secretsmanager:*", Condition=tagged))
    assert mine.create_secret(Name=bench.name("mine"), SecretString="v", Tags=[TAG])["ARN"]
    with pytest.raises(ClientError, match=DENIED):
        mine.create_secret(Name=bench.name("theirs"), SecretString="v", Tags=[{**TAG, "Value": "AIDB"}])


def test_a_tag_may_cost_nobody_the_permission_by_which_it_was_set(bench: Workbench) -> None:
    mine = caller(bench, statement("secretsmanager:TagResource", Condition=UNTAGGED))
    mine.tag_resource(SecretId=secret_of(bench), Tags=[{"Key": "team", "Value": "a"}])
    with pytest.raises(ClientError, match=DENIED):
        mine.tag_resource(SecretId=secret_of(bench), Tags=[TAG])


def test_a_condition_compares_a_secrets_tag_with_that_of_the_request(bench: Workbench) -> None:
    mine = creator(bench, NAMED | UNCHANGED)
    for arn in (secret_of(bench), secret_of(bench, Tags=[TAG])):
        mine.tag_resource(SecretId=arn, Tags=[TAG])
    with pytest.raises(ClientError, match=DENIED):
        mine.tag_resource(SecretId=secret_of(bench, Tags=[{**TAG, "Value": "AIDB"}]), Tags=[TAG])


def test_a_variable_without_a_value_invalidates_its_statement(bench: Workbench) -> None:
    differs = {"StringNotEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    with pytest.raises(ClientError, match=DENIED):
        caller(bench, statement(READ, Condition=differs)).get_secret_value(SecretId=secret_of(bench))


def test_a_rotation_is_switched_off_by_who_may_do_that(bench: Workbench) -> None:
    arn = secret_of(bench)
    allowed = caller(bench, statement("secretsmanager:CancelRotateSecret"))
    assert allowed.cancel_rotate_secret(SecretId=arn)["ARN"] == arn
    with pytest.raises(ClientError, match=DENIED):
        caller(bench, statement("secretsmanager:RotateSecret")).cancel_rotate_secret(SecretId=arn)


def test_a_metadata_call_does_not_need_the_key(bench: Workbench) -> None:
    arn = secret_of(bench, KmsKeyId=bench.kms_key())
    assert caller(bench, statement("secretsmanager:DescribeSecret")).describe_secret(SecretId=arn)["ARN"]


def test_only_the_keys_of_a_tagged_user_may_be_made_changed_and_deleted(bench: Workbench) -> None:
    iam, tag = bench.client("iam"), "access-key-remediator:secret"
    actions = ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"]
    condition = {"StringLike": {f"aws:ResourceTag/{tag}": "access-keys/*"}}
    rotator = bench.session(bench.key(bench.user(statement(actions, Condition=condition)))).client("iam")
    tagged, untagged = bench.name("tagged"), bench.user()
    iam.create_user(UserName=tagged, Path="/apps/", Tags=[{"Key": tag, "Value": "access-keys/a"}])
    key = rotator.create_access_key(UserName=tagged)["AccessKey"]["AccessKeyId"]
    rotator.update_access_key(UserName=tagged, AccessKeyId=key, Status="Inactive")
    rotator.delete_access_key(UserName=tagged, AccessKeyId=key)
    existing = {"UserName": untagged, "AccessKeyId": bench.key(untagged)[0]}
    refused: list[tuple[Any, dict[str, str]]] = [
        (rotator.create_access_key, {"UserName": untagged}),
        (rotator.update_access_key, {**existing, "Status": "Inactive"}),
        (rotator.delete_access_key, existing),
    ]
    for call, request in refused:
        with pytest.raises(ClientError, match=DENIED):
            call(**request)
