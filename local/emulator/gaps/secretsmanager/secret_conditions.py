"""The condition keys of Secrets Manager.

AWS documents (Service Authorization Reference, AWS Secrets Manager) the secret's tags as
secretsmanager:ResourceTag/… besides aws:ResourceTag/…, its rotation function as
secretsmanager:resource/AllowRotationLambdaArn, and what the request says. The emulator knows aws:ResourceTag
alone, and that in identity policies only.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.services import secretsmanager

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
}


def fill() -> None:
    enforce, of_request = iam_evaluator.enforce, iam_actions.request_tag_context

    def enforce_with_secret(access_key_id: str, action: str, service: str, *where: str, **more: Any) -> Any:
        arn = more.get("resource_arn", "*")
        of_secret = _secret_keys(arn) if service == SERVICE else {}
        context = {**(more.pop("service_context", None) or {}), **of_secret}
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
    tags = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])}
    keys = {f"{prefix}:ResourceTag/{name}": tags[name] for name in tags for prefix in ("aws", SERVICE)}
    if function := secret.get("RotationLambdaARN"):
        keys[f"{SERVICE}:resource/AllowRotationLambdaArn"] = function
    return keys


def _request_keys(action: str, body: bytes) -> dict[str, str]:
    """A request for a value that names neither version nor label is one for AWSCURRENT."""
    request = json.loads(body or b"{}")
    if action.endswith(":GetSecretValue") and "VersionId" not in request:
        request.setdefault("VersionStage", "AWSCURRENT")
    return {
        f"{SERVICE}:{key}": str(request[name]).lower() if isinstance(request[name], bool) else request[name]
        for name, key in OF_THE_REQUEST.items()
        if isinstance(request.get(name), str | bool)
    }
