"""Which resource a call about several parameters is evaluated on.

AWS evaluates GetParameters and DeleteParameters on each parameter, GetParametersByPath on the path (Service
Authorization Reference, AWS Systems Manager). The emulator evaluates all three on `*`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import ssm

MANY: Final = frozenset({"GetParameters", "DeleteParameters"})


def fill() -> None:
    extract, handle = iam_actions.extract_resource_arn, ssm.handle_request

    def extract_resource_arn(service: str, *request: Any) -> str:
        _, _, headers, body, *_ = request
        named = _arns(headers, body) if service == "ssm" else []
        return named[0] if named else str(extract(service, *request))

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        for arn in _arns(headers, body)[1:]:
            if refusal := _refusal(extract_access_key_id(headers, query), _operation(headers), arn):
                return refusal
        return await handle(method, path, headers, body, query)

    iam_actions.extract_resource_arn = extract_resource_arn
    ssm.handle_request = handle_request


def _refusal(access_key_id: str, operation: str, arn: str) -> Any:
    action = f"ssm:{operation}"
    denied = iam_evaluator.enforce(access_key_id, action, "ssm", get_region(), resource_arn=arn)
    if not denied:
        return None
    who = f"User: {denied.principal_arn} is not authorized to perform: {action}"
    return error_response_json("AccessDeniedException", f"{who} on resource: {arn}", 400)


def _arns(headers: Any, body: bytes) -> list[str]:
    operation = _operation(headers)
    if operation in MANY:
        return [_arn(name) for name in json.loads(body).get("Names", [])]
    return [_arn(json.loads(body)["Path"])] if operation == "GetParametersByPath" else []


def _operation(headers: Any) -> str:
    return str(headers.get("x-amz-target", "")).rpartition(".")[2]


def _arn(name: str) -> str:
    """A name may carry a version or a label after a colon, and be an ARN itself."""
    if name.startswith("arn:"):
        return name
    bare = name.partition(":")[0].strip("/")
    return f"arn:aws:ssm:{get_region()}:{get_account_id()}:parameter/{bare}"
