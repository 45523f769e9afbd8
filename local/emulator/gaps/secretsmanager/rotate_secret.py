"""RotateSecret and CancelRotateSecret.

AWS documents that RotateSecret configures rotation and begins one, with an empty version under AWSPENDING and
the request's token; that it is refused while another version than the current one is pending; that with
RotateImmediately=false it only tests the configuration, with a pending version that it takes away again; and
that the function's policy must let Secrets Manager in. CancelRotateSecret switches rotation off and leaves
the labels. The emulator makes a copy of the value current, and knows no CancelRotateSecret.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core.responses import get_account_id, new_uuid
from ministack.services import secretsmanager

from local.emulator.gaps.secretsmanager.rotation_attempts import Rotation
from local.emulator.gaps.secretsmanager.rotation_records import SERVICE
from local.emulator.permissions import service_may
from local.emulator.secret_labels import CURRENT, PENDING, add_version, attach, holder, is_rotating
from local.emulator.secret_requests import RefusedError, Request, SecretRecord, answering

INVOKE: Final = "lambda:InvokeFunction"


def fill(attempts: int, pause: float) -> None:
    handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".CancelRotateSecret"):
            return answering(cancel)(json.loads(body))
        return await handle(method, path, headers, body, query)

    def rotate_secret(secret: SecretRecord, request: Request) -> dict[str, Any]:
        return rotate(secret, request, attempts, pause)

    secretsmanager._rotate_secret = answering(rotate_secret)
    secretsmanager.handle_request = handle_request


def rotate(secret: SecretRecord, request: Request, attempts: int, pause: float) -> dict[str, Any]:
    token = request.get("ClientRequestToken") or new_uuid()
    if token == holder(secret, CURRENT):
        return {"VersionId": token}  # the same request again, after its rotation
    function = request.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    _check(secret, function)
    secret.update(RotationEnabled=True, RotationLambdaARN=function)
    secret.update({"RotationRules": request["RotationRules"]} if request.get("RotationRules") else {})
    add_version(secret, token)
    attach(secret, token, PENDING)
    rotation = Rotation(secret["ARN"], token, str(function))
    if request.get("RotateImmediately", True):
        rotation.in_background(attempts, pause)
    else:
        rotation.test_in_background()
    return {"VersionId": token}


def _check(secret: SecretRecord, function: str | None) -> None:
    if secretsmanager._is_replica(secret):
        message = "You can't perform this operation on a replica secret."
        raise RefusedError("InvalidRequestException", message)
    if function is None:
        message = "No Lambda rotation function ARN is associated with this secret."
        raise RefusedError("InvalidRequestException", message)
    if is_rotating(secret):
        message = "A previous rotation isn't complete. That rotation will be reattempted."
        raise RefusedError("InvalidRequestException", message)
    if not service_may(SERVICE, INVOKE, function, {"aws:SourceAccount": get_account_id()}):
        message = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
        grant = f"policy grants access to the principal {SERVICE}."
        raise RefusedError("AccessDeniedException", message + grant)


def cancel(secret: SecretRecord, _request: Request) -> dict[str, Any]:
    secret["RotationEnabled"] = False
    pending = holder(secret, PENDING)
    return {"VersionId": pending} if pending else {}
