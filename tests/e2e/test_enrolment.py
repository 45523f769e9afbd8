"""A user is enrolled by its tags, which a record of TagUser or a sync brings, or its claim is refused."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.ledger.domain.enrolment_tags import SECRET_TAG, USER_ID_TAG
from local.demo.enrolment import EnrolledUser, await_enrolment, claim
from local.patience import TIMEOUT_SECONDS
from tests.e2e.claimants import eventually, refusals, somebody
from tests.e2e.denial import DeployedFunction
from tests.e2e.rotation_log import log_of
from tests.local.workbench import Workbench

if TYPE_CHECKING:
    from local.deployment import Deployment

PROMISED_SECONDS = 60


def described(it: EnrolledUser) -> dict[str, Any]:
    found: dict[str, Any] = it.secrets.describe_secret(SecretId=it.secret)
    return found


def exists(it: EnrolledUser) -> bool:
    names = [secret["Name"] for secret in it.secrets.list_secrets(MaxResults=100)["SecretList"]]
    return it.secret in names


def test_a_user_that_is_tagged_auto_has_a_working_key_in_a_secret_within_a_minute(
    rotating_deployment: Deployment,
) -> None:
    it, began = somebody(rotating_deployment), time.monotonic()
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    assert eventually(
        lambda: rotating_deployment.ledger.entry(f"rotation:{it.secret}").get("userId") == it.user_id
    )
    assert it.await_rotation()
    assert it.current().call("sts", "get_caller_identity") == ""
    assert time.monotonic() - began < PROMISED_SECONDS
    secret = described(it)
    tags = {USER_ID_TAG: it.user_id, **rotating_deployment.config["tags"]}
    assert {tag["Key"]: tag["Value"] for tag in secret["Tags"]} == tags
    assert secret["KmsKeyId"] == rotating_deployment.outputs["ManagedSecretKeyArn"]
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 90}


def test_the_schedule_follows_the_tags_and_ends_with_them(rotating_deployment: Deployment) -> None:
    it = somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    assert (described(it)["RotationEnabled"], "RotationRules" in described(it)) == (True, False)
    assert (it.value(), it.keys()) == ({"UserName": it.user_name}, {})
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    assert it.await_rotation()
    it.iam.untag_user(UserName=it.user_name, TagKeys=[SECRET_TAG])
    assert eventually(lambda: not described(it)["RotationEnabled"])


def test_a_claim_on_anothers_secret_is_refused_and_changes_nothing(rotating_deployment: Deployment) -> None:
    it, thief = somebody(rotating_deployment), somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    before = described(it)
    claim(rotating_deployment.aws, thief.user_name, it.secret, "auto")
    assert eventually(lambda: bool(refusals(rotating_deployment, thief.user_name)))
    (reason,) = refusals(rotating_deployment, thief.user_name)
    assert "bound to another user" in reason
    subject = f"[medium] claim-refused: {thief.user_name}"
    assert rotating_deployment.alerts.wait_for(
        lambda alert: alert.subject.startswith(subject), TIMEOUT_SECONDS
    )
    after = described(it)
    assert {name: after[name] for name in ("Tags", "VersionIdsToStages", "RotationEnabled")} == {
        name: before[name] for name in ("Tags", "VersionIdsToStages", "RotationEnabled")
    }


def test_a_sync_finds_the_user_whose_record_never_came(rotating_deployment: Deployment) -> None:
    """The same function may be asked by a person, too: its message is the user's name."""
    it = somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    it.secrets.delete_secret(SecretId=it.secret, ForceDeleteWithoutRecovery=True)
    sync(rotating_deployment)
    assert eventually(lambda: exists(it))


def sync(deployment: Deployment) -> None:
    functions: Any = deployment.aws.session().client("lambda")
    functions.invoke(FunctionName=deployment.outputs["SyncKeysFunctionName"], Payload=json.dumps({}))


DOES_NOTHING = "def handler(event, context):\n    pass\n"


@pytest.fixture
def other_function(rotating_deployment: Deployment) -> str:
    """The ARN of a rotation function that is not the stack's, as an earlier deployment left it."""
    bench = Workbench(rotating_deployment.aws)
    name = bench.function(DOES_NOTHING)
    functions = bench.client("lambda")
    functions.add_permission(
        FunctionName=name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=rotating_deployment.aws.account,
    )
    arn: str = functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return arn


def rotated_by(function: str, deployment: Deployment) -> EnrolledUser:
    it = somebody(deployment)
    it.secrets.create_secret(
        Name=it.secret,
        KmsKeyId=deployment.outputs["ManagedSecretKeyArn"],
        SecretString=json.dumps({"UserName": it.user_name}),
        Tags=[{"Key": USER_ID_TAG, "Value": it.user_id}],
    )
    rules = {"AutomaticallyAfterDays": 30}
    it.secrets.rotate_secret(
        SecretId=it.secret, RotationLambdaARN=function, RotateImmediately=False, RotationRules=rules
    )
    it.await_no_pending_version()
    return it


def test_a_secret_of_another_function_is_refused_while_that_function_exists(
    rotating_deployment: Deployment, other_function: str
) -> None:
    it = rotated_by(other_function, rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    assert eventually(lambda: bool(refusals(rotating_deployment, it.user_name)))
    assert refusals(rotating_deployment, it.user_name) == {"another function rotates the secret"}
    assert described(it)["RotationLambdaARN"] == other_function


@pytest.mark.parametrize("mode", ["approve", "auto"])
def test_a_secret_of_a_function_that_is_gone_is_taken_over(
    rotating_deployment: Deployment, other_function: str, mode: str
) -> None:
    it = rotated_by(other_function, rotating_deployment)
    Workbench(rotating_deployment.aws).client("lambda").delete_function(FunctionName=other_function)
    claim(rotating_deployment.aws, it.user_name, it.secret, mode)
    own = rotating_deployment.outputs["RotationFunctionArn"]
    assert eventually(lambda: described(it)["RotationLambdaARN"] == own)
    assert refusals(rotating_deployment, it.user_name) == set()
    it.await_no_pending_version()
    it.rotate()
    assert it.await_rotation()
    assert it.current().call("sts", "get_caller_identity") == ""


def test_a_missing_permission_is_no_evidence_that_a_function_is_gone(
    rotating_deployment: Deployment, other_function: str
) -> None:
    it = rotated_by(other_function, rotating_deployment)
    enroller = DeployedFunction(rotating_deployment, rotating_deployment.outputs["EnrolUsersFunctionName"])
    Workbench(rotating_deployment.aws).client("lambda").delete_function(FunctionName=other_function)
    enroller.deny("lambda:GetFunctionConcurrency")
    try:
        claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
        assert eventually(lambda: failed_look_ups(rotating_deployment) > 0)
        assert described(it)["RotationLambdaARN"] == other_function
    finally:
        enroller.restore()
    sync(rotating_deployment)  # before the message comes again
    own = rotating_deployment.outputs["RotationFunctionArn"]
    assert eventually(lambda: described(it)["RotationLambdaARN"] == own)


def failed_look_ups(deployment: Deployment) -> int:
    entries = log_of(deployment, deployment.outputs["EnrolUsersFunctionName"])
    return sum("GetFunctionConcurrency" in str(entry.get("exception", "")) for entry in entries)
