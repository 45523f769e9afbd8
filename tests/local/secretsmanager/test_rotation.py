from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.secretsmanager.rotations import SERVICE, STEPS, Rotations, rotations
from tests.local.workbench import Workbench, eventually, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws


@pytest.fixture(scope="module")
def working(aws: LocalAws) -> Rotations:
    return rotations(Workbench(aws))


@pytest.fixture(scope="module")
def failing(aws: LocalAws) -> Rotations:
    return rotations(Workbench(aws), fails="testSecret")


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["detail"]["eventName"] for event in events]


def test_a_rotation_calls_four_steps_and_ends_with_the_new_version_current(working: Rotations) -> None:
    secret = working.secret()
    old = next(iter(working.staging_labels(secret)))
    token = working.rotate(secret)
    events = working.events(secret, "RotationSucceeded")
    assert names(events) == ["RotationStarted", "RotationSucceeded"]
    event = {"SecretId": secret, "ClientRequestToken": token}
    assert working.calls() == [{"Step": step, **event} for step in STEPS]
    assert working.staging_labels(secret) == {old: ["AWSPREVIOUS"], token: ["AWSCURRENT"]}
    described = working.bench.client("secretsmanager").describe_secret(SecretId=secret)
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (True, working.function)
    assert described["LastRotatedDate"]


def test_the_record_of_a_rotation_names_secrets_manager_and_the_secret(working: Rotations) -> None:
    secret = working.secret()
    working.rotate(secret)
    event = working.events(secret, "RotationSucceeded")[0]
    assert event["detail-type"] == "AWS Service Event via CloudTrail"
    detail = event["detail"]
    assert detail["userIdentity"] == {"accountId": working.bench.aws.account, "invokedBy": SERVICE}
    assert detail["additionalEventData"] == {"SecretId": secret}
    assert (detail["eventType"], detail["eventSource"]) == ("AwsServiceEvent", SERVICE)
    history = working.bench.history("EventName", "RotationSucceeded")
    assert any(secret in entry["CloudTrailEvent"] for entry in history)


def test_the_same_request_twice_rotates_once(working: Rotations) -> None:
    secret, client = working.secret(), working.bench.client("secretsmanager")
    token = working.rotate(secret)
    working.events(secret, "RotationSucceeded")
    answer = client.rotate_secret(SecretId=secret, ClientRequestToken=token)
    assert answer["VersionId"] == token
    assert working.staging_labels(secret)[token] == ["AWSCURRENT"]


def test_a_failing_step_fails_the_rotation_which_is_tried_again_from_the_start(failing: Rotations) -> None:
    secret = failing.secret()
    token = failing.rotate(secret)
    events = failing.events(secret, "RotationFailed", times=3)
    assert names(events) == ["RotationStarted", *["RotationFailed"] * 3]
    assert events[-1]["detail"]["errorMessage"].endswith("during testSecret step")
    assert [call["Step"] for call in failing.calls()] == STEPS[:3] * 3
    assert failing.staging_labels(secret)[token] == ["AWSPENDING"]
    with pytest.raises(ClientError, match=r"InvalidRequestException.*A previous rotation isn't complete"):
        failing.rotate(secret)


def test_a_function_that_dies_in_a_step_fails_the_rotation_too(bench: Workbench) -> None:
    dying = rotations(bench, dies="setSecret")
    secret = dying.secret()
    token = dying.rotate(secret)
    dying.events(secret, "RotationFailed", times=3)
    assert [call["Step"] for call in dying.calls()] == STEPS[:2] * 3
    assert dying.staging_labels(secret)[token] == ["AWSPENDING"]


def test_a_pending_label_taken_off_lets_the_next_rotation_begin(failing: Rotations) -> None:
    secret = failing.secret()
    token = failing.rotate(secret)
    failing.bench.client("secretsmanager").update_secret_version_stage(
        SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token
    )
    assert failing.rotate(secret) != token


def test_a_new_version_by_hand_abandons_the_rotation(failing: Rotations) -> None:
    secret = failing.secret()
    token = failing.rotate(secret)
    failing.bench.client("secretsmanager").put_secret_value(SecretId=secret, SecretString="by hand")
    assert "RotationAbandoned" in names(failing.events(secret, "RotationAbandoned"))
    assert token not in failing.staging_labels(secret)


def test_a_cancelled_rotation_is_off_and_leaves_its_label(failing: Rotations) -> None:
    secret, client = failing.secret(), failing.bench.client("secretsmanager")
    token = failing.rotate(secret)
    assert client.cancel_rotate_secret(SecretId=secret)["VersionId"] == token
    assert client.describe_secret(SecretId=secret)["RotationEnabled"] is False
    assert failing.staging_labels(secret)[token] == ["AWSPENDING"]


def test_rotation_can_be_configured_without_rotating(working: Rotations) -> None:
    working.calls()
    secret, client = working.secret(), working.bench.client("secretsmanager")
    before = working.staging_labels(secret)
    working.rotate(secret, RotateImmediately=False)
    assert names(working.events(secret, "TestRotationSucceeded")) == [
        "TestRotationStarted",
        "TestRotationSucceeded",
    ]
    assert [call["Step"] for call in working.calls()] == ["testSecret"]
    assert working.staging_labels(secret) == before
    client.rotate_secret(
        SecretId=secret, RotateImmediately=False, RotationRules={"ScheduleExpression": "rate(10 days)"}
    )
    described = client.describe_secret(SecretId=secret)
    assert described["RotationRules"] == {"ScheduleExpression": "rate(10 days)"}
    assert eventually(lambda: working.staging_labels(secret) == before)
    assert "LastRotatedDate" not in described


def test_a_configuration_whose_test_fails_is_told_and_blocks_nothing(failing: Rotations) -> None:
    secret = failing.secret()
    before = failing.staging_labels(secret)
    failing.rotate(secret, RotateImmediately=False)
    failing.events(secret, "TestRotationFailed")
    assert failing.staging_labels(secret) == before


def test_a_function_that_does_not_let_secrets_manager_in_is_refused(bench: Workbench) -> None:
    closed = rotations(bench, SourceAccount="444455556666")
    secret = closed.secret()
    with pytest.raises(ClientError, match=r"AccessDeniedException.*cannot invoke the specified Lambda"):
        closed.rotate(secret)
    assert len(closed.staging_labels(secret)) == 1


def test_a_secret_without_a_function_cannot_be_rotated(working: Rotations) -> None:
    with pytest.raises(ClientError, match="No Lambda rotation function"):
        working.bench.client("secretsmanager").rotate_secret(SecretId=working.secret())


def test_who_rotates_may_invoke_the_function_too(working: Rotations) -> None:
    bench, secret = working.bench, working.secret()
    poor = bench.user(statement("secretsmanager:RotateSecret"))
    rich = bench.user(statement(["secretsmanager:RotateSecret", "lambda:InvokeFunction"]))
    request = {"SecretId": secret, "RotationLambdaARN": working.function}
    with pytest.raises(ClientError, match=r"AccessDenied.*lambda:InvokeFunction"):
        bench.session(bench.key(poor)).client("secretsmanager").rotate_secret(**request)
    assert bench.session(bench.key(rich)).client("secretsmanager").rotate_secret(**request)["VersionId"]


def test_a_rotation_whose_function_is_gone_cannot_start_and_its_configuration_stays(bench: Workbench) -> None:
    it, secrets = rotations(bench), bench.client("secretsmanager")
    secret = it.secret()
    it.rotate(secret, RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 90})
    eventually(lambda: len(it.staging_labels(secret)) == 1)
    bench.client("lambda").delete_function(FunctionName=it.function)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        secrets.rotate_secret(SecretId=secret)
    described = secrets.describe_secret(SecretId=secret)
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (True, it.function)
    secrets.cancel_rotate_secret(SecretId=secret)
    described = secrets.describe_secret(SecretId=secret)
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (False, it.function)
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 90}
