"""The condition keys of Secrets Manager.

AWS documents (Service Authorization Reference, AWS Secrets Manager) the secret's tags as
secretsmanager:ResourceTag/… besides aws:ResourceTag/…, its rotation function as
secretsmanager:resource/AllowRotationLambdaArn, and what the request says. The tags of a secret that is being
created are those of the request. The emulator knows aws:ResourceTag of existing secrets alone, and that in
identity policies only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import secretsmanager

if TYPE_CHECKING:
    from local.emulator.secret_requests import Request

SERVICE: Final = "secretsmanager"
OF_THE_REQUEST: Final = {
    "Name": "Name",
    "Description": "Description",
    "KmsKeyId": "KmsKeyArn",
    "SecretId": "SecretId",
    "VersionId": "VersionId",
    "VersionStage": "VersionStage",
    "RotationLambdaARN": "RotationLambdaARN",
    "BlockPublicPolicy": "BlockPublicPolicy",
    "ModifyRotationRules": "ModifyRotationRules",
}


def fill() -> None:
    enforce, of_request = iam_evaluator.enforce, iam_actions.request_tag_context

    def enforce_with_secret(access_key_id: str, action: str, service: str, *where: str, **more: Any) -> Any:
        arn = more.get("resource_arn", "*")
        of_secret = _secret_keys(arn) if service == SERVICE else {}
        context = {**of_secret, **(more.pop("service_context", None) or {})}
        return enforce(access_key_id, action, service, *where, **more, service_context=context)

    def request_context(service: str, action: str, body: bytes, *request: Any) -> dict[str, Any]:
        found: dict[str, Any] = of_request(service, action, body, *request)
        return {**found, **(_request_keys(action, body) if service == SERVICE else {})}

    iam_evaluator.enforce = enforce_with_secret
    iam_actions.request_tag_context = request_context


def _secret_keys(arn: str) -> dict[str, str]:
    secret = secretsmanager._resolve(arn)[1] if arn.startswith("arn:") else None
    if secret is None:
        return {}
    keys = _tag_keys(secret.get("Tags", []))
    if function := secret.get("RotationLambdaARN"):
        keys[f"{SERVICE}:resource/AllowRotationLambdaArn"] = function
    return keys


def tags_of_request(request: Request) -> dict[str, str]:
    """The tags that the secret has after the request, as far as the request changes them."""
    return _tag_keys(request.get("Tags") or [])


def _tag_keys(tags: list[dict[str, str]]) -> dict[str, str]:
    return {f"{prefix}:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags for prefix in ("aws", SERVICE)}


def _request_keys(action: str, body: bytes) -> dict[str, str]:
    """A request for a value that names neither version nor label is one for AWSCURRENT."""
    request = json.loads(body or b"{}")
    if action.endswith(":GetSecretValue") and "VersionId" not in request:
        request.setdefault("VersionStage", "AWSCURRENT")
    if action.endswith(":RotateSecret"):
        request["ModifyRotationRules"] = "RotationRules" in request
    of_new_secret = tags_of_request(request) if action.endswith(":CreateSecret") else {}
    return of_new_secret | {
        f"{SERVICE}:{key}": str(request[name]).lower() if isinstance(request[name], bool) else request[name]
        for name, key in OF_THE_REQUEST.items()
        if isinstance(request.get(name), str | bool)
    }
