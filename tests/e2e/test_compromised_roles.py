"""What somebody who has taken over one function cannot do with its role, under enforced IAM."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.demo.enrolment import enrol_new_user
from local.patience import TIMEOUT_SECONDS
from tests.e2e.role_session import FUNCTIONS, function_of, session_of_role

if TYPE_CHECKING:
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

STATE, USER, KEY = "rotation:access-keys/a", "user:a", "AKIAAAAAAAAAAAAAAAAA"
LEDGER_ITEMS = {
    "track_keys": {USER, KEY},
    "sync_keys": {USER, KEY},
    "enrol_users": {STATE},
    "rotate_key": {STATE},
    "retire_keys": {STATE},
    "fail_over": {STATE},
}  # that a function may write
SIGNALS = {
    "probe-key",
    "alert-turns",
    "unknown-ids",
    "notification:a",
    "open:a",
    "rotations:a",
    "owner-alerts:a",
}
LEASE_ITEMS = {
    "remediate": SIGNALS,
    "alert_timer": SIGNALS | {"subscription-check"},
    "sync_keys": {"sync"},
    "enrol_users": {"rotations:a", "claim-later:a"},
    "retire_keys": {"retirement"},
}


def is_allowed(session: Any, operation: str, **request: Any) -> bool:
    """By a request whose condition never holds."""
    try:
        getattr(session.client("dynamodb"), operation)(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in {"AccessDeniedException", "ConditionalCheckFailedException"}
        return code != "AccessDeniedException"
    raise AssertionError("the condition held")


def may_write(session: Any, table: str, key: dict[str, str]) -> bool:
    named = {name: {"S": value} for name, value in key.items()}
    never: dict[str, Any] = {
        "TableName": table,
        "ConditionExpression": "version = :never",
        "ExpressionAttributeValues": {":never": {"N": "-1"}},
    }
    return is_allowed(session, "put_item", Item=named, **never) or is_allowed(
        session, "update_item", Key=named, UpdateExpression="SET version = :never", **never
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_only_the_kinds_of_items_that_are_its_work(
    rotating_deployment: Deployment, function: str
) -> None:
    ledger = rotating_deployment.outputs["LedgerTableName"]
    sync = function_of(rotating_deployment, "sync_keys").configuration
    leases = sync["Environment"]["Variables"]["LEASE_TABLE_NAME"]
    every_lease = {item for items in LEASE_ITEMS.values() for item in items}
    with session_of_role(rotating_deployment, function) as session:
        of_ledger = {item for item in (STATE, USER, KEY) if may_write(session, ledger, {"accessKeyId": item})}
        of_leases = {item for item in every_lease if may_write(session, leases, {"name": item})}
    assert of_ledger == LEDGER_ITEMS.get(function, set())
    assert of_leases == LEASE_ITEMS.get(function, set())


def forge_lost_key(session: Any, it: EnrolledUser, access_key_id: str) -> None:
    """As a rotation records a key that it created and never used."""
    table: Any = session.resource("dynamodb").Table(it.deployment.outputs["LedgerTableName"])
    earlier = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    created = {"accessKeyId": access_key_id, "token": "", "at": earlier, "tested": False, "promoted": False}
    state = it.deployment.ledger.entry(f"rotation:{it.secret}")
    table.put_item(Item={**state, "created": [created]})


@pytest.mark.parametrize("function", ["track_keys", "sync_keys"])
def test_who_keeps_the_ledger_cannot_have_the_key_that_a_person_created_deleted(
    rotating_deployment: Deployment, function: str
) -> None:
    it = enrol_new_user(rotating_deployment)
    own = it.iam.create_access_key(UserName=it.user_name)["AccessKey"]["AccessKeyId"]
    with session_of_role(rotating_deployment, function) as session, suppress(ClientError):
        forge_lost_key(session, it, own)
    functions: Any = rotating_deployment.aws.session().client("lambda")
    functions.invoke(FunctionName=rotating_deployment.outputs["RetireKeysFunctionName"], Payload="{}")
    assert it.keys().get(own) == "Active"


def test_a_key_that_somebody_deactivates_with_the_role_of_the_retirement_is_reported(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment, "notify")
    key = it.application.access_key_id
    with session_of_role(rotating_deployment, "retire_keys") as session:
        iam = session.client("iam")
        iam.update_access_key(UserName=it.user_name, AccessKeyId=key, Status="Inactive")
    alert = rotating_deployment.alerts.wait_for(
        lambda received: received.is_of_incident(key) and "RetireKeysRole" in received.body, TIMEOUT_SECONDS
    )
    assert alert is not None


@pytest.mark.parametrize("function", ["remediate", "alert_timer"])
def test_who_may_start_a_rotation_changes_neither_its_function_nor_its_schedule(
    rotating_deployment: Deployment, function: str
) -> None:
    it = enrol_new_user(rotating_deployment)
    before = it.secrets.describe_secret(SecretId=it.secret)
    other = function_of(rotating_deployment, "fail_over").configuration["FunctionArn"]
    with session_of_role(rotating_deployment, function) as session:
        secrets = session.client("secretsmanager")
        for change in (
            {"RotationLambdaARN": other},
            {"RotationRules": {"ScheduleExpression": "rate(4 hours)"}},
            {"RotationRules": {"AutomaticallyAfterDays": 1}, "RotateImmediately": False},
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                secrets.rotate_secret(SecretId=it.secret, **change)
        after = it.secrets.describe_secret(SecretId=it.secret)
        assert after["RotationLambdaARN"] == before["RotationLambdaARN"]
        assert after.get("RotationRules") == before.get("RotationRules")
        secrets.rotate_secret(SecretId=it.secret)
    assert it.await_rotation()


def test_who_may_start_a_rotation_starts_none_of_a_secret_that_the_stack_does_not_rotate(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    name = f"{it.secret}-of-nobody"
    it.secrets.create_secret(Name=name, SecretString="{}")
    with (
        session_of_role(rotating_deployment, "remediate") as session,
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        session.client("secretsmanager").rotate_secret(SecretId=name)


def test_who_enrols_users_sets_no_other_function_for_a_secret(rotating_deployment: Deployment) -> None:
    it = enrol_new_user(rotating_deployment)
    other = function_of(rotating_deployment, "fail_over").configuration["FunctionArn"]
    with session_of_role(rotating_deployment, "enrol_users") as session:
        for change in ({"RotationLambdaARN": other}, {}):
            with pytest.raises(ClientError, match="AccessDenied"):
                session.client("secretsmanager").rotate_secret(SecretId=it.secret, **change)
