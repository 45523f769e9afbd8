"""The CloudFormation types of a secret's rotation and policy.

AWS documents that AWS::SecretsManager::RotationSchedule configures rotation and, unless
RotateImmediatelyOnUpdate is false, rotates; that its removal cancels rotation; that ResourcePolicy puts the
secret's policy; and that both are referred to by the secret's ARN. The emulator does not know the types.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from ministack.core.responses import new_uuid
from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from local.emulator.gaps.secretsmanager.rotate_secret import cancel
from local.emulator.secret_requests import Answer, answering

Properties: TypeAlias = "dict[str, Any]"
Created: TypeAlias = "tuple[str, dict[str, str]]"


def fill() -> None:
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::RotationSchedule"] = {
        "create": _schedule,
        "update": _reschedule,
        "delete": _unschedule,
    }
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::ResourcePolicy"] = {
        "create": _put_policy,
        "update": _replace_policy,
        "delete": _delete_policy,
    }


def _schedule(_logical_id: str, properties: Properties, _stack: str) -> Created:
    request = {
        "SecretId": properties["SecretId"],
        "ClientRequestToken": new_uuid(),
        "RotationLambdaARN": properties.get("RotationLambdaARN"),
        "RotationRules": properties.get("RotationRules"),
        "RotateImmediately": str(properties.get("RotateImmediatelyOnUpdate", True)).lower() == "true",
    }
    return _arn(secretsmanager._rotate_secret(request)), {}


def _reschedule(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
    if old["SecretId"] != new["SecretId"]:
        _unschedule(physical_id, old)
    return _schedule("", new, stack)


def _unschedule(_physical_id: str, properties: Properties) -> None:
    answering(cancel)({"SecretId": properties["SecretId"]})


def _put_policy(_logical_id: str, properties: Properties, _stack: str) -> Created:
    policy = properties["ResourcePolicy"]
    document = policy if isinstance(policy, str) else json.dumps(policy)
    request = {"SecretId": properties["SecretId"], "ResourcePolicy": document}
    return _arn(secretsmanager._put_resource_policy(request)), {}


def _replace_policy(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
    if old["SecretId"] != new["SecretId"]:
        _delete_policy(physical_id, old)
    return _put_policy("", new, stack)


def _delete_policy(_physical_id: str, properties: Properties) -> None:
    secretsmanager._delete_resource_policy({"SecretId": properties["SecretId"]})


def _arn(answer: Answer) -> str:
    body = json.loads(answer[2])
    if answer[0] != 200:
        raise ValueError(body["message"])
    return str(body["ARN"])
