from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

FIRST, SECOND, THIRD = (f"{number:032d}" for number in range(1, 4))


@pytest.fixture
def secrets(bench: Workbench) -> Any:
    return bench.client("secretsmanager")


@pytest.fixture
def secret(bench: Workbench, secrets: Any) -> str:
    """Its ARN."""
    name = bench.name("access-keys/user")
    created = secrets.create_secret(Name=name, SecretString="first", ClientRequestToken=FIRST)
    assert created["VersionId"] == FIRST
    return str(created["ARN"])


def put(secrets: Any, secret: str, token: str, value: str, *staging_labels: str) -> Any:
    more = {"VersionStages": list(staging_labels)} if staging_labels else {}
    return secrets.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString=value, **more)


def staging_labels(secrets: Any, secret: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    return found


def test_a_value_is_put_under_the_token_and_the_labels_that_are_given(secrets: Any, secret: str) -> None:
    assert put(secrets, secret, SECOND, "second", "AWSPENDING")["VersionStages"] == ["AWSPENDING"]
    pending = secrets.get_secret_value(SecretId=secret, VersionStage="AWSPENDING")
    assert (pending["SecretString"], pending["VersionId"]) == ("second", SECOND)
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "first"


def test_a_value_put_without_labels_is_the_current_one(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second")
    put(secrets, secret, THIRD, "third")
    assert staging_labels(secrets, secret) == {SECOND: ["AWSPREVIOUS"], THIRD: ["AWSCURRENT"]}
    assert secrets.get_secret_value(SecretId=secret, VersionId=FIRST)["SecretString"] == "first"


def test_a_label_is_on_one_version_at_a_time(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second", "AWSPENDING")
    put(secrets, secret, THIRD, "third", "AWSPENDING")
    assert staging_labels(secrets, secret) == {FIRST: ["AWSCURRENT"], THIRD: ["AWSPENDING"]}


def test_the_same_value_under_the_same_token_changes_nothing(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second", "AWSPENDING")
    assert put(secrets, secret, SECOND, "second", "AWSPENDING")["VersionId"] == SECOND
    assert put(secrets, secret, FIRST, "first")["VersionId"] == FIRST


def test_another_value_under_the_same_token_is_refused(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second", "AWSPENDING")
    with pytest.raises(ClientError, match="ResourceExistsException"):
        put(secrets, secret, SECOND, "other", "AWSPENDING")
    with pytest.raises(ClientError, match="ResourceExistsException"):
        secrets.update_secret(SecretId=secret, ClientRequestToken=SECOND, SecretString="other")


def test_an_update_makes_the_version_of_its_token_current(secrets: Any, secret: str) -> None:
    answer = secrets.update_secret(SecretId=secret, ClientRequestToken=SECOND, SecretString="second")
    assert answer["VersionId"] == SECOND
    assert staging_labels(secrets, secret) == {FIRST: ["AWSPREVIOUS"], SECOND: ["AWSCURRENT"]}


def test_a_secret_may_begin_without_a_value_that_then_cannot_be_read(bench: Workbench, secrets: Any) -> None:
    arn = secrets.create_secret(Name=bench.name("empty"))["ARN"]
    assert staging_labels(secrets, arn) == {}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.get_secret_value(SecretId=arn)
    put(secrets, arn, FIRST, "first", "AWSPENDING")
    assert sorted(staging_labels(secrets, arn)[FIRST]) == ["AWSCURRENT", "AWSPENDING"]


def test_the_same_creation_twice_makes_one_secret(bench: Workbench, secrets: Any) -> None:
    request = {"Name": bench.name("twice"), "SecretString": "v", "ClientRequestToken": FIRST}
    assert secrets.create_secret(**request)["ARN"] == secrets.create_secret(**request)["ARN"]
    with pytest.raises(ClientError, match="ResourceExistsException"):
        secrets.create_secret(**{**request, "SecretString": "other"})


def test_the_name_of_a_secret_that_waits_for_its_deletion_is_taken(secrets: Any, secret: str) -> None:
    name = secrets.describe_secret(SecretId=secret)["Name"]
    secrets.delete_secret(SecretId=secret)
    with pytest.raises(ClientError, match=r"InvalidRequestException.*scheduled for deletion"):
        secrets.create_secret(Name=name, SecretString="v")


def test_the_current_label_moves_and_leaves_the_previous_one_behind(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second", "AWSPENDING")
    move = {"SecretId": secret, "VersionStage": "AWSCURRENT", "MoveToVersionId": SECOND}
    with pytest.raises(ClientError, match="InvalidParameterException"):
        secrets.update_secret_version_stage(**move)
    secrets.update_secret_version_stage(**move, RemoveFromVersionId=FIRST)
    assert staging_labels(secrets, secret) == {FIRST: ["AWSPREVIOUS"], SECOND: ["AWSPENDING", "AWSCURRENT"]}


def test_the_current_label_cannot_be_taken_off(secrets: Any, secret: str) -> None:
    take_off = {"SecretId": secret, "RemoveFromVersionId": FIRST}
    with pytest.raises(ClientError, match=r"InvalidParameterException.*completely removed"):
        secrets.update_secret_version_stage(**take_off, VersionStage="AWSCURRENT")
    put(secrets, secret, SECOND, "second", "AWSPENDING")
    secrets.update_secret_version_stage(
        SecretId=secret, RemoveFromVersionId=SECOND, VersionStage="AWSPENDING"
    )
    assert staging_labels(secrets, secret) == {FIRST: ["AWSCURRENT"]}


def test_versions_without_a_label_are_listed_only_on_demand(secrets: Any, secret: str) -> None:
    put(secrets, secret, SECOND, "second")
    put(secrets, secret, THIRD, "third")
    list_ids = secrets.list_secret_version_ids
    assert len(list_ids(SecretId=secret)["Versions"]) == 2
    assert len(list_ids(SecretId=secret, IncludeDeprecated=True)["Versions"]) == 3


def test_a_secret_tells_its_tags_and_its_key(bench: Workbench, secrets: Any) -> None:
    key, tags = bench.kms_key(), [{"Key": "access-key-remediator:user-id", "Value": "AIDA"}]
    name = bench.name("access-keys/user")
    arn = secrets.create_secret(Name=name, SecretString="v", KmsKeyId=key, Tags=tags)["ARN"]
    described = secrets.describe_secret(SecretId=arn)
    assert (described["KmsKeyId"], described["Tags"], described["RotationEnabled"]) == (key, tags, False)
    listed = secrets.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"][0]
    assert (listed["KmsKeyId"], listed["Tags"]) == (key, tags)
