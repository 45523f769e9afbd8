from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from local.emulator.key_ids import OLD_KEY_IDS
from tests.local.workbench import Workbench, eventually, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

NEVER = "AKIAQQQQQQQQQQQQQQQQ"


def test_an_access_key_id_says_which_account_it_belongs_to(bench: Workbench) -> None:
    key, _ = bench.key(bench.user())
    bits = int.from_bytes(base64.b32decode(key[4:]), "big")
    assert key.startswith("AKIA")
    assert key[4] in "QRSTUVWXYZ234567"
    assert f"{bits >> 39 & (1 << 40) - 1:012d}" == bench.aws.account


def test_sts_knows_the_account_of_an_id_that_does_not_say_it(bench: Workbench) -> None:
    sts = bench.client("sts")
    accounts = {key: sts.get_access_key_info(AccessKeyId=key)["Account"] for key in OLD_KEY_IDS}
    assert accounts == OLD_KEY_IDS


def test_a_session_is_refused_once_its_user_is_deleted(bench: Workbench) -> None:
    user = bench.user()
    key = bench.key(user)
    issued = bench.session(key).client("sts").get_session_token()["Credentials"]
    session_key = (issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])
    sts = bench.session(session_key).client("sts")
    assert sts.get_caller_identity()["Arn"].endswith(f":user/{user}")
    bench.client("iam").delete_access_key(UserName=user, AccessKeyId=key[0])
    bench.client("iam").delete_user(UserName=user)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()


def test_a_user_has_at_most_two_keys(bench: Workbench) -> None:
    user = bench.user()
    bench.key(user)
    bench.key(user)
    with pytest.raises(ClientError, match="AccessKeysPerUser: 2") as refused:
        bench.key(user)
    assert refused.value.response["Error"]["Code"] == "LimitExceeded"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_a_use_moves_the_last_use_with_its_service_and_region(bench: Workbench) -> None:
    user = bench.user(statement("dynamodb:ListTables"))
    key = bench.key(user)
    last_used = bench.client("iam").get_access_key_last_used
    assert last_used(AccessKeyId=key[0])["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    bench.session(key, "eu-west-1").client("dynamodb").list_tables()
    used = eventually(
        lambda: (found := last_used(AccessKeyId=key[0]))["AccessKeyLastUsed"].get("LastUsedDate") and found
    )
    assert used["UserName"] == user
    assert used["AccessKeyLastUsed"]["ServiceName"] == "dynamodb"
    assert used["AccessKeyLastUsed"]["Region"] == "eu-west-1"


@pytest.mark.parametrize("is_use", [True, False])
def test_a_denied_call_is_a_use_of_its_key_unless_chosen_otherwise(
    bench: Workbench, other_aws: LocalAws, *, is_use: bool
) -> None:
    chosen = bench if is_use else Workbench(other_aws)
    key = chosen.key(chosen.user())
    with pytest.raises(ClientError, match="AccessDenied"):
        eventually(lambda: accepted(chosen, key))
    used = chosen.client("iam").get_access_key_last_used(AccessKeyId=key[0])["AccessKeyLastUsed"]
    assert used["ServiceName"] == ("dynamodb" if is_use else "N/A")


def accepted(bench: Workbench, key: tuple[str, str]) -> object:
    """None while the key is new."""
    try:
        return bench.session(key).client("dynamodb").list_tables()
    except ClientError as error:
        if error.response["Error"]["Code"] == "UnrecognizedClientException":
            return None
        raise


def test_a_rejected_call_is_no_use_of_its_key(bench: Workbench) -> None:
    key, _ = bench.key(bench.user())
    with pytest.raises(ClientError):
        bench.session((key, "wrong")).client("dynamodb").list_tables()
    used = bench.client("iam").get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "N/A"


def test_the_last_use_of_an_inactive_key_is_still_known(bench: Workbench) -> None:
    user = bench.user()
    key = bench.key(user)
    bench.session(key).client("sts").get_caller_identity()
    bench.client("iam").update_access_key(UserName=user, AccessKeyId=key[0], Status="Inactive")
    bench.refuse(key, "s3", "list_buckets")
    used = bench.client("iam").get_access_key_last_used(AccessKeyId=key[0])["AccessKeyLastUsed"]
    assert used["ServiceName"] == "sts"


def test_an_unknown_key_is_access_denied(bench: Workbench) -> None:
    with pytest.raises(ClientError, match=f"AccessDenied.* on resource: access key {NEVER}"):
        bench.client("iam").get_access_key_last_used(AccessKeyId=NEVER)


def test_a_deleted_key_is_an_unknown_key(bench: Workbench) -> None:
    user = bench.user()
    key, _ = bench.key(user)
    bench.client("iam").delete_access_key(UserName=user, AccessKeyId=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        bench.client("iam").get_access_key_last_used(AccessKeyId=key)


def test_an_unknown_key_can_be_made_no_such_entity(other_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        Workbench(other_aws).client("iam").get_access_key_last_used(AccessKeyId=NEVER)


def test_a_new_key_can_be_refused_for_a_while(other_aws: LocalAws) -> None:
    bench = Workbench(other_aws)
    user = bench.user()
    key = bench.key(user)
    created = time.monotonic()
    sts = other_aws.session(key).client("sts")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    time.sleep(max(0.0, created + 1.1 - time.monotonic()))
    user_id = bench.client("iam").get_user(UserName=user)["User"]["UserId"]
    assert sts.get_caller_identity()["UserId"] == user_id


def test_a_renamed_user_keeps_its_keys_its_tags_and_its_policies(bench: Workbench) -> None:
    user, group, iam = bench.user(statement("sqs:ListQueues")), bench.name("group"), bench.client("iam")
    key, tags = bench.key(user), [{"Key": "owner", "Value": "a@example.com"}]
    iam.tag_user(UserName=user, Tags=tags)
    iam.attach_user_policy(UserName=user, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=user)
    before = iam.get_user(UserName=user)["User"]
    name = f"{user}-renamed"
    iam.update_user(UserName=user, NewUserName=name)
    after = iam.get_user(UserName=name)["User"]
    assert (after["UserId"], after["Tags"]) == (before["UserId"], tags)
    assert [found["AccessKeyId"] for found in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]] == [
        key[0]
    ]
    assert iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    assert iam.list_groups_for_user(UserName=name)["Groups"]
    session = bench.session(key)
    assert session.client("sts").get_caller_identity()["Arn"].endswith(f":user/{name}")
    assert session.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_key_of_root_acts_as_root_and_belongs_to_no_user(bench: Workbench) -> None:
    root = bench.session((bench.aws.account, "root")).client("iam")
    made = root.create_access_key()["AccessKey"]
    key = made["AccessKeyId"], made["SecretAccessKey"]
    arn = bench.session(key).client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:iam::{bench.aws.account}:root"
    listed = root.list_access_keys()["AccessKeyMetadata"]
    assert [found["AccessKeyId"] for found in listed] == [key[0]]
    used = bench.client("iam").get_access_key_last_used(AccessKeyId=key[0])
    assert "UserName" not in {**made, **listed[0], **used}
    root.delete_access_key(AccessKeyId=key[0])
    assert root.list_access_keys()["AccessKeyMetadata"] == []


def test_a_key_cannot_be_deleted_through_another_users_name(bench: Workbench) -> None:
    key, _ = bench.key(bench.user())
    with pytest.raises(ClientError, match="NoSuchEntity"):
        bench.client("iam").delete_access_key(UserName=bench.user(), AccessKeyId=key)
