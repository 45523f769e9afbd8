"""What a caller of Secrets Manager needs besides the right to call it.

AWS documents that Secrets Manager uses a customer's key in the caller's name (user guide, "Secret encryption
and decryption"): kms:Decrypt to read a value, kms:GenerateDataKey to store one, both where one is stored
under a token that has a value already, and to name the key of a new secret, whose ARN then is
`RequestToValidateKeyAccess`; and that RotateSecret needs lambda:InvokeFunction on the function (API
reference). The emulator asks for none of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import secretsmanager

from local.emulator.permissions import customer_key_arn
from local.emulator.secret_labels import value_of
from local.emulator.secret_requests import RefusedError, Request, SecretRecord, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

DECRYPT: Final = "kms:Decrypt"
STORE: Final = "kms:GenerateDataKey"
VALIDATION: Final = "RequestToValidateKeyAccess"


def fill() -> None:
    handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        request = json.loads(body or b"{}")
        try:
            _check(extract_access_key_id(headers, query), operation, request)
        except RefusedError as refused:
            return refusal(refused)
        return await handle(method, path, headers, body, query)

    secretsmanager.handle_request = handle_request


def _check(access_key_id: str, operation: str, request: Request) -> None:
    secret: SecretRecord = secretsmanager._resolve(request.get("SecretId"))[1] or {}
    if operation == "RotateSecret":
        function = request.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        _check_function(access_key_id, function)
    key = customer_key_arn({"KmsMasterKeyId": request.get("KmsKeyId") or secret.get("KmsKeyId") or ""})
    for action in _key_actions(operation, secret, request) if key else ():
        context = _context(secret.get("ARN", VALIDATION))
        asked = {"resource_arn": key, "service_context": context}
        if iam_evaluator.enforce(access_key_id, action, "kms", get_region(), **asked):
            raise RefusedError("AccessDeniedException", "Access to KMS is not allowed")


def _check_function(access_key_id: str, function: str | None) -> None:
    action, region = "lambda:InvokeFunction", get_region()
    if function is None:
        return
    if denied := iam_evaluator.enforce(access_key_id, action, "lambda", region, resource_arn=function):
        who = f"User: {denied.principal_arn} is not authorized to perform: "
        raise RefusedError("AccessDeniedException", f"{who}{action} on resource: {function}")


def _key_actions(operation: str, secret: SecretRecord, request: Request) -> Iterator[str]:
    stores = "SecretString" in request or "SecretBinary" in request
    if operation == "GetSecretValue":
        yield DECRYPT
    if operation in {"PutSecretValue", "UpdateSecret"} and stores:
        yield STORE
        if secret and value_of(secret, request.get("ClientRequestToken", "")) != (None, None):
            yield DECRYPT
    if operation in {"CreateSecret", "UpdateSecret"} and request.get("KmsKeyId"):
        yield from (STORE, DECRYPT)


def _context(secret_arn: str) -> dict[str, Any]:
    return {
        "kms:ViaService": f"secretsmanager.{get_region()}.amazonaws.com",
        "kms:CallerAccount": get_account_id(),
        "kms:EncryptionContext:SecretARN": secret_arn,
        "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
    }
