"""What it takes to create a secret with tags, or to tag one.

AWS documents that CreateSecret with tags needs secretsmanager:TagResource too, and that neither call may cost
its caller its permissions: it is evaluated on the secret as it will be, so that aws:ResourceTag has the tags
of the request (API reference, CreateSecret and TagResource: "If successfully completing this operation would
result in you losing your permissions for this secret, then Secrets Manager blocks the operation"; in the ABAC
tutorial of the IAM user guide, who may use only secrets with its own tags creates one with them). TagResource
is evaluated on the secret as it is, too. The emulator asks for secretsmanager:CreateSecret alone, on a secret
without tags.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import secretsmanager

from local.emulator.gaps.secretsmanager.secret_conditions import SERVICE, tags_of_request
from local.emulator.secret_requests import RefusedError, refusal

if TYPE_CHECKING:
    from local.emulator.secret_requests import Request

CREATE: Final = "CreateSecret"
TAG: Final = "TagResource"


def fill() -> None:
    handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in {CREATE, TAG}:
            denied = _denial(extract_access_key_id(headers, query), body)
            if denied:
                return refusal(RefusedError("AccessDeniedException", denied))
        return await handle(method, path, headers, body, query)

    secretsmanager.handle_request = handle_request


def _denial(access_key_id: str, body: bytes) -> str:
    request, action = json.loads(body or b"{}"), f"{SERVICE}:{TAG}"
    if not request.get("Tags"):
        return ""
    arn = _arn(request)
    context = iam_actions.request_tag_context(SERVICE, action, body, {}) | tags_of_request(request)
    denied = iam_evaluator.enforce(
        access_key_id, action, SERVICE, get_region(), resource_arn=arn, service_context=context
    )
    return f"User: {denied.principal_arn} is not authorized to perform: {action} on {arn}" if denied else ""


def _arn(request: Request) -> str:
    existing = secretsmanager._resolve(request.get("SecretId"))[1] or {}
    new = f"arn:aws:{SERVICE}:{get_region()}:{get_account_id()}:secret:{request.get('Name')}"
    return str(existing.get("ARN", new))
