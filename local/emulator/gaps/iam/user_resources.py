"""Which resource a call about users is evaluated on.

AWS evaluates it on the user's ARN, with its path, and where the call names no user on the caller's own;
SimulatePrincipalPolicy on the user or role that it is about (Service Authorization Reference, IAM). The
emulator leaves the path out, and evaluates the others on `*`, as is right for ListUsers, for which the
reference lists no resource.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions
from ministack.core.iam_evaluator import caller_arn
from ministack.services import iam

from local.emulator.gaps.iam.own_user import OF_OWN_USER


def fill() -> None:
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, *request: Any) -> str:
        *_, query_params, _, account = request
        found = _user_arn(query_params, account) if service == "iam" else None
        return found or str(extract(service, *request))

    iam_actions.extract_resource_arn = extract_resource_arn


def _user_arn(query_params: dict[str, Any], account: str) -> str | None:
    action, name = _first(query_params, "Action"), _first(query_params, "UserName")
    if action == "CreateUser":
        return f"arn:aws:iam::{account}:user{_first(query_params, 'Path') or '/'}{name}"
    if action == "SimulatePrincipalPolicy":
        return _first(query_params, "PolicySourceArn")
    if name:
        return (iam._users.get(name) or {}).get("Arn")
    return caller_arn() if action in OF_OWN_USER and ":user/" in caller_arn() else None


def _first(query_params: dict[str, Any], name: str) -> str:
    value = query_params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
