"""What ListUsers is allowed on.

AWS evaluates it on the users' path, `arn:aws:iam::123456789012:user/` and a path prefix if one is given
(Service Authorization Reference, IAM, ListUsers), so a grant on `user/*` allows it. The emulator evaluates
it on `*`.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions


def fill() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, *request: Any) -> str:
        *_, query_params, _, account = request
        if service == "iam" and _first(query_params, "Action") == "ListUsers":
            path = _first(query_params, "PathPrefix") or "/"
            return f"arn:aws:iam::{account}:user{path}"
        found: str = extract(service, *request)
        return found

    iam_actions.extract_resource_arn = extract_resource_arn


def _first(query_params: dict[str, Any], name: str) -> str:
    value = query_params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
