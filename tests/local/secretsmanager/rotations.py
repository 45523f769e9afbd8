"""A rotation function whose steps can be made to fail, and the secrets that it rotates."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.local.workbench import eventually, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

SERVICE: Final = "secretsmanager.amazonaws.com"
CODE: Final = """
import boto3, json, os

def handler(event, context):
    secrets = boto3.client("secretsmanager")
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody=json.dumps(event))
    if step == os.environ["FAILS"]:
        raise RuntimeError(step)
    if step == os.environ["DIES"]:
        os._exit(1)
    staging_labels = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if step == "createSecret":
        secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString="new", VersionStages=["AWSPENDING"]
        )
    if step == "finishSecret" and "AWSCURRENT" not in staging_labels[token]:
        current = next(version for version, labels in staging_labels.items() if "AWSCURRENT" in labels)
        secrets.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
"""
STEPS: Final = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@dataclass
class Rotations:
    bench: Workbench
    function: str
    calls_url: str
    events_url: str

    def secret(self, value: str = "old") -> str:
        """Its ARN."""
        name = self.bench.name("access-keys/user")
        arn: str = self.bench.client("secretsmanager").create_secret(Name=name, SecretString=value)["ARN"]
        return arn

    def rotate(self, secret: str, **more: Any) -> str:
        """Its token."""
        token = str(uuid.uuid4())
        self.bench.client("secretsmanager").rotate_secret(
            SecretId=secret, ClientRequestToken=token, RotationLambdaARN=self.function, **more
        )
        return token

    def staging_labels(self, secret: str) -> dict[str, list[str]]:
        described = self.bench.client("secretsmanager").describe_secret(SecretId=secret)
        staging_labels: dict[str, list[str]] = described.get("VersionIdsToStages", {})
        return staging_labels

    def events(self, secret: str, last: str, times: int = 1) -> list[dict[str, Any]]:
        """Of this secret, until the last one has come so often."""
        seen: list[dict[str, Any]] = []

        def look() -> bool:
            bodies = [json.loads(message["Body"]) for message in self.bench.receive(self.events_url, 1)]
            seen.extend(
                event for event in bodies if event["detail"]["additionalEventData"]["SecretId"] == secret
            )
            return [event["detail"]["eventName"] for event in seen].count(last) == times

        eventually(look, 15)
        return seen

    def calls(self) -> list[dict[str, str]]:
        return [json.loads(message["Body"]) for message in self.bench.receive(self.calls_url, 1)]


def rotations(bench: Workbench, fails: str = "", dies: str = "", **condition: str) -> Rotations:
    calls_url, _ = bench.queue()
    allowed = statement(["secretsmanager:*", "sqs:SendMessage"])
    function = bench.function(CODE, allowed, URL=calls_url, FAILS=fails, DIES=dies)
    bench.client("lambda").add_permission(
        FunctionName=function,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal=SERVICE,
        **(condition or {"SourceAccount": bench.aws.account}),
    )
    arn = bench.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    events = bench.events(
        {"source": ["aws.secretsmanager"], "detail-type": ["AWS Service Event via CloudTrail"]}
    )
    return Rotations(bench, arn, calls_url, events)
