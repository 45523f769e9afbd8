"""What DescribeSecret, ListSecrets and ListSecretVersionIds tell.

AWS documents that the first two tell when the secret was last rotated, and ListSecrets its key and its
rotation too; that the third leaves out versions without a label unless IncludeDeprecated asks for them. The
emulator has no such time, a shorter list of secrets, and all versions always.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import json_response
from ministack.services import secretsmanager

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.emulator.secret_requests import Answer, Request, SecretRecord

TOLD: Final = ("KmsKeyId", "RotationLambdaARN", "RotationRules", "LastRotatedDate")


def fill() -> None:
    secretsmanager._describe_secret = _completed(secretsmanager._describe_secret, _describe)
    secretsmanager._list_secrets = _completed(secretsmanager._list_secrets, _list)
    secretsmanager._list_secret_version_ids = _completed(
        secretsmanager._list_secret_version_ids, _list_versions
    )


def _completed(
    handle: Callable[[Request], Answer], complete: Callable[[Request, dict[str, Any]], dict[str, Any]]
) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        told = handle(request)
        if told[0] != 200:
            return told
        completed: Answer = json_response(complete(request, json.loads(told[2])))
        return completed

    return answer


def _describe(request: Request, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, **_fields(secretsmanager._resolve(request["SecretId"])[1])}


def _list(_request: Request, told: dict[str, Any]) -> dict[str, Any]:
    secrets = [{**entry, **_fields(secretsmanager._secrets[entry["Name"]])} for entry in told["SecretList"]]
    return {**told, "SecretList": secrets}


def _list_versions(request: Request, told: dict[str, Any]) -> dict[str, Any]:
    deprecated = request.get("IncludeDeprecated", False)
    return {
        **told,
        "Versions": [version for version in told["Versions"] if deprecated or version["VersionStages"]],
    }


def _fields(secret: SecretRecord) -> dict[str, Any]:
    return {name: secret[name] for name in TOLD if secret.get(name)}
