"""How a secret begins.

AWS documents that the first version's id is the request's ClientRequestToken, so that the same request twice
creates one secret; that a secret may begin without a version; and that the name of a secret that waits for
its deletion cannot be taken (API reference, CreateSecret). The emulator makes a version in any case, under an
id of its own, and says that the waiting secret exists.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import json_response, new_uuid
from ministack.services import secretsmanager

from local.emulator.secret_labels import CURRENT, add_version, attach, value_of
from local.emulator.secret_requests import Answer, RefusedError, Request, SecretRecord, refusal


def fill() -> None:
    create = secretsmanager._create_secret

    def create_secret(request: Request) -> Answer:
        existing = secretsmanager._secrets.get(request.get("Name"))
        if existing and existing.get("DeletedDate"):
            return _refused_name()
        token = request.get("ClientRequestToken") or new_uuid()
        if existing and token in existing["Versions"] and value_of(existing, token) == _value(request):
            return _named(existing, {"VersionId": token})
        answer: Answer = create(request)
        if answer[0] != 200:
            return answer
        return _first_version(secretsmanager._secrets[request["Name"]], token, request)

    secretsmanager._create_secret = create_secret


def _first_version(secret: SecretRecord, token: str, request: Request) -> Answer:
    secret["Versions"].clear()
    if _value(request) == (None, None):
        return _named(secret, {})
    add_version(secret, token, *_value(request))
    attach(secret, token, CURRENT)
    return _named(secret, {"VersionId": token})


def _refused_name() -> Answer:
    message = (
        "You can't create this secret because a secret with this name is already scheduled for deletion."
    )
    return refusal(RefusedError("InvalidRequestException", message))


def _value(request: Request) -> tuple[str | None, str | None]:
    return request.get("SecretString"), request.get("SecretBinary")


def _named(secret: SecretRecord, more: dict[str, Any]) -> Answer:
    answer: Answer = json_response({"ARN": secret["ARN"], "Name": secret["Name"], **more})
    return answer
