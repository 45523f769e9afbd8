"""What DescribeSecret, ListSecrets and ListSecretVersionIds return.

AWS documents that the first two return when the secret was last rotated, and ListSecrets its key and its
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

OPTIONAL_FIELDS: Final = ("KmsKeyId", "RotationLambdaARN", "RotationRules", "LastRotatedDate")


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
        answered = handle(request)
        if answered[0] != 200:
            return answered
        completed: Answer = json_response(complete(request, json.loads(answered[2])))
        return completed

    return answer


def _describe(request: Request, answered: dict[str, Any]) -> dict[str, Any]:
    return {**answered, **_fields(secretsmanager._resolve(request["SecretId"])[1])}


def _list(_request: Request, answered: dict[str, Any]) -> dict[str, Any]:
    secrets = [
        {**entry, **_fields(secretsmanager._secrets[entry["Name"]])} for entry in answered["SecretList"]
    ]
    return {**answered, "SecretList": secrets}


def _list_versions(request: Request, answered: dict[str, Any]) -> dict[str, Any]:
    deprecated = request.get("IncludeDeprecated", False)
    return {
        **answered,
        "Versions": [version for version in answered["Versions"] if deprecated or version["VersionStages"]],
    }


def _fields(secret: SecretRecord) -> dict[str, Any]:
    return {name: secret[name] for name in OPTIONAL_FIELDS if secret.get(name)}
