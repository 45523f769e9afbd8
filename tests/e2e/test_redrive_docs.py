"""The commands of docs/operations.md that return dead letters, run by an operator with the AWS CLI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local import operator_role
from local.cdk import ROOT
from local.failures import ALARM, DEAD_LETTER
from tests.docs.pages import fences, sections
from tests.e2e.denial import wait_until
from tests.e2e.recipient import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from local.deployment import Deployment

PAGE = sections(ROOT / "docs" / "operations.md")
TO_ITS_QUEUE, TO_THE_SIGNAL_QUEUE = fences(PAGE["Retries and redrive"])
# Version 1 of the AWS CLI sends calls of SQS to an old endpoint, whatever AWS_ENDPOINT_URL says.
AWS = 'aws() { command aws "$@" --endpoint-url "$AWS_ENDPOINT_URL"; }'


@pytest.fixture
def shell(deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(deployment, tmp_path, aws_cli)


def run_as_operator(deployment: Deployment, shell: Shell, command: str) -> str:
    issued: Any = operator_role.session(deployment.aws).get_credentials()
    return shell.run(
        [AWS, command],
        AWS_ACCESS_KEY_ID=issued.access_key,
        AWS_SECRET_ACCESS_KEY=issued.secret_key,
        AWS_SESSION_TOKEN=issued.token,
        **deployment.outputs,
    )


def expect_dead_letter(deployment: Deployment, body: str) -> None:
    deployment.failures.expect(ALARM, "DeadLetters")
    deployment.failures.expect(DEAD_LETTER, body)


def bodies(deployment: Deployment) -> list[str]:
    """Of the messages in the dead-letter queue, which stay there."""
    sqs: Any = deployment.aws.session().client("sqs")
    url = deployment.outputs["DeadLetterQueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_an_operator_returns_an_undelivered_event_to_the_queue_that_it_names(
    deployment: Deployment, shell: Shell
) -> None:
    expect_dead_letter(deployment, "returned in vain")
    deployment.inject("returned in vain")
    assert wait_until(lambda: "returned in vain" in bodies(deployment))
    assert "TaskHandle" in run_as_operator(deployment, shell, TO_THE_SIGNAL_QUEUE)
    assert wait_until(lambda: "returned in vain" in bodies(deployment)), "it is rejected again"


def test_an_operator_returns_a_message_that_a_function_failed_on_to_its_queue(
    deployment: Deployment, shell: Shell
) -> None:
    """The message is received too often from a queue that shares the dead-letter queue."""
    sqs: Any = deployment.aws.session().client("sqs")
    dead = sqs.get_queue_attributes(
        QueueUrl=deployment.outputs["DeadLetterQueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "0"}
    url = sqs.create_queue(QueueName="failing", Attributes=attributes)["QueueUrl"]
    expect_dead_letter(deployment, "failed on")
    sqs.send_message(QueueUrl=url, MessageBody="failed on")
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    assert wait_until(lambda: "failed on" in bodies(deployment))
    assert "TaskHandle" in run_as_operator(deployment, shell, TO_ITS_QUEUE)
    assert "failed on" not in bodies(deployment)
    assert [it["Body"] for it in sqs.receive_message(QueueUrl=url)["Messages"]] == ["failed on"]


def test_nobody_else_returns_a_message(deployment: Deployment, shell: Shell) -> None:
    expect_dead_letter(deployment, "kept")
    deployment.inject("kept")
    assert wait_until(lambda: "kept" in bodies(deployment))
    with pytest.raises(AssertionError, match="AccessDenied"):
        shell.run([AWS, TO_THE_SIGNAL_QUEUE], **deployment.outputs)
    assert "kept" in bodies(deployment)
