"""The ARN by which a policy names a log group.

AWS evaluates actions on a log group on its ARN with `:*` at the end, but for those on tags (CloudWatch Logs
user guide, Overview of managing access, resources). The emulator leaves it out everywhere.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions


def fill() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, *request: Any) -> str:
        arn = str(extract(service, *request))
        is_named = service == "logs" and ":log-group:" in arn and b"logGroupName" in _body(request)
        return f"{arn}:*" if is_named else arn

    iam_actions.extract_resource_arn = extract_resource_arn


def _body(request: tuple[Any, ...]) -> bytes:
    return next((part for part in request if isinstance(part, bytes)), b"")
