"""Reads what the policies of a template allow, with ARNs as they look once deployed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.infra.synthesis import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.synthesis import Json

PSEUDO_PARAMETERS = {"Partition": "aws", "Region": "us-east-1", "AccountId": "123456789012"}
PLACE = "us-east-1:123456789012"
ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{PLACE}:table/{{}}",
    "AWS::Events::EventBus": f"arn:aws:events:{PLACE}:event-bus/{{}}",
    "AWS::Events::Rule": f"arn:aws:events:{PLACE}:rule/{{}}",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{}",
    "AWS::KMS::Key": f"arn:aws:kms:{PLACE}:key/{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{PLACE}:function:{{}}",
    # With its streams.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
    "AWS::Logs::LogGroup": f"arn:aws:logs:{PLACE}:log-group:{{}}:*",
    "AWS::SNS::Topic": f"arn:aws:sns:{PLACE}:{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{PLACE}:{{}}",
}


@dataclass(frozen=True)
class Statement:
    actions: list[str]
    resources: list[str]
    condition_keys: frozenset[str]


def statements(template: Json) -> Iterator[Statement]:
    for part in _policy_parts(template["Resources"]):
        condition = part.get("Condition", {})
        yield Statement(
            actions=as_list(part["Action"]),
            resources=[] if _is_of_its_resource(part) else _arns(template, as_list(part["Resource"])),
            condition_keys=frozenset(key for keys in condition.values() for key in keys)
            | _variables(condition),
        )


def _policy_parts(part: Any) -> Iterator[Json]:
    """Statements that allow something, and permissions of Lambda functions."""
    if isinstance(part, dict) and _is_policy_part(part):
        yield part
    elif isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _policy_parts(each)


def _is_policy_part(part: Json) -> bool:
    allows = "Principal" in part or "Effect" in part
    return allows and isinstance(part.get("Action"), str | list) and part.get("Effect") != "Deny"


def _is_of_its_resource(part: Json) -> bool:
    """A policy of a key, a role or a function stands for the resource that has it."""
    return "Principal" in part and part.get("Resource", "*") == "*"


def _variables(condition: Json) -> frozenset[str]:
    return frozenset(re.findall(r"\$\{(\w+:[^}]+)\}", json.dumps(condition)))


def _arns(template: Json, resources: list[Any]) -> list[str]:
    return [_text(template, resource) for resource in resources]


def _text(template: Json, value: Any) -> str:
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(_text(template, part) for part in argument[1])
    if function == "Fn::GetAtt":
        return _arn(template, argument[0])
    assert function == "Ref", value
    return PSEUDO_PARAMETERS.get(argument.removeprefix("AWS::")) or _arn(template, argument)


def _arn(template: Json, logical_id: str) -> str:
    """Of a parameter, the name."""
    resource = template["Resources"][logical_id]
    if resource["Type"] == "AWS::SSM::Parameter":
        return str(resource["Properties"]["Name"])
    return ARNS[resource["Type"]].format(logical_id)
