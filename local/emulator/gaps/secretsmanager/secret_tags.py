"""What it takes to create a secret with tags.

AWS documents that CreateSecret with tags needs secretsmanager:TagResource too (API reference, CreateSecret).
The emulator asks for secretsmanager:CreateSecret alone.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import secretsmanager

from local.emulator.secret_requests import RefusedError, refusal

SERVICE: Final = "secretsmanager"
TAG: Final = "secretsmanager:TagResource"


def fill() -> None:
    handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".CreateSecret"):
            denied = _denial(extract_access_key_id(headers, query), body)
            if denied:
                return refusal(RefusedError("AccessDeniedException", denied))
        return await handle(method, path, headers, body, query)

    secretsmanager.handle_request = handle_request


def _denial(access_key_id: str, body: bytes) -> str:
    request = json.loads(body or b"{}")
    if not request.get("Tags"):
        return ""
    arn = f"arn:aws:{SERVICE}:{get_region()}:{get_account_id()}:secret:{request.get('Name')}"
    context = iam_actions.request_tag_context(SERVICE, TAG, body, {})
    denied = iam_evaluator.enforce(
        access_key_id, TAG, SERVICE, get_region(), resource_arn=arn, service_context=context
    )
    return f"User: {denied.principal_arn} is not authorized to perform: {TAG} on {arn}" if denied else ""
