"""The values of a secret's versions.

AWS documents that a version's id is the request's ClientRequestToken; that PutSecretValue under the token of
a version with another value is refused, and with the same value ignored; that a label moves to the new
version (API reference, PutSecretValue and UpdateSecret); that a version without a value cannot be read; and
that a new version made by hand abandons a rotation in progress (user guide, CloudTrail entries).
The emulator overwrites, answers without a value, leaves labels on two versions, and takes no token for
UpdateSecret.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import secretsmanager

from local.emulator.gaps.secretsmanager import rotation_records
from local.emulator.secret_labels import CURRENT, PENDING, add_version, attach, detach, is_rotating, value_of
from local.emulator.secret_requests import Answer, RefusedError, Request, SecretRecord, answering, refusal

NO_VALUE = (None, None)


def fill() -> None:
    get, update = secretsmanager._get_secret_value, secretsmanager._update_secret

    def get_secret_value(request: Request) -> Answer:
        answer: Answer = get(request)
        return _without_value(request) if answer[0] == 200 and _is_empty(answer) else answer

    def update_secret(request: Request) -> Answer:
        if _value(request) == NO_VALUE:
            unchanged: Answer = update(request)
            return unchanged
        settings = {key: request[key] for key in ("SecretId", "Description", "KmsKeyId") if key in request}
        answer: Answer = update(settings)
        return _put_current(request) if answer[0] == 200 else answer

    secretsmanager._get_secret_value = get_secret_value
    secretsmanager._update_secret = update_secret
    secretsmanager._put_secret_value = answering(_put)


@answering
def _put_current(secret: SecretRecord, request: Request) -> dict[str, Any]:
    return {"VersionId": _put(secret, {**request, "VersionStages": [CURRENT]})["VersionId"]}


def _put(secret: SecretRecord, request: Request) -> dict[str, Any]:
    if secretsmanager._is_replica(secret):
        message = "You can't perform this operation on a replica secret."
        raise RefusedError("InvalidRequestException", message)
    if _value(request) == NO_VALUE:
        message = "You must provide either SecretString or SecretBinary."
        raise RefusedError("InvalidRequestException", message)
    token = request.get("ClientRequestToken") or new_uuid()
    if value_of(secret, token) == NO_VALUE:
        _add(secret, token, request)
    elif value_of(secret, token) != _value(request):
        message = f"You can't use ClientRequestToken {token} because that value is already in use "
        raise RefusedError("ResourceExistsException", f"{message}for a version of secret {secret['ARN']}.")
    return {"VersionId": token, "VersionStages": list(secret["Versions"][token]["Stages"])}


def _add(secret: SecretRecord, token: str, request: Request) -> None:
    by_hand = is_rotating(secret) and token not in secret["Versions"]
    labels = {*request.get("VersionStages", [CURRENT]), *([] if secret["Versions"] else [CURRENT])}
    add_version(secret, token, *_value(request))
    for label in labels:
        attach(secret, token, label)
    secret["LastChangedDate"] = int(time.time())
    if by_hand and CURRENT in labels:
        detach(secret, PENDING)
        rotation_records.record("RotationAbandoned", secret["ARN"], token)


def _value(request: Request) -> tuple[str | None, str | None]:
    return request.get("SecretString"), request.get("SecretBinary")


def _is_empty(answer: Answer) -> bool:
    return _value(json.loads(answer[2])) == NO_VALUE


def _without_value(request: Request) -> Answer:
    version = request.get("VersionId")
    named = f"VersionId: {version}" if version else f"staging label: {request.get('VersionStage', CURRENT)}"
    message = f"Secrets Manager can't find the specified secret value for {named}"
    return refusal(RefusedError("ResourceNotFoundException", message))
