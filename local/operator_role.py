"""The role of the remediator's operators, which may send to its queues and buses (`operatorRoleArns`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from local.emulator.settings import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

    from local.emulator.process import LocalAws

NAME: Final = "Operators"
PATH: Final = "/teams/"
ARN: Final = f"arn:aws:iam::{ACCOUNT}:role{PATH}{NAME}"
# What docs/operations.md demands of an operator who returns dead letters.
ACTIONS: Final = (
    "sqs:StartMessageMoveTask",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
)


def create(aws: LocalAws) -> None:
    iam: Any = aws.session().client("iam")
    account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=NAME, Path=PATH, AssumeRolePolicyDocument=_document(trust))
    allowed = {"Effect": "Allow", "Action": [*ACTIONS], "Resource": "*"}
    iam.put_role_policy(RoleName=NAME, PolicyName="redrive", PolicyDocument=_document(allowed))


def session(aws: LocalAws) -> boto3.Session:
    sts: Any = aws.session().client("sts")
    issued = sts.assume_role(RoleArn=ARN, RoleSessionName="operator")["Credentials"]
    return aws.session((issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"]))


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
