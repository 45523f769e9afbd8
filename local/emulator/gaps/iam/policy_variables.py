"""Policy variables of users.

AWS documents that `${aws:username}` and `${aws:userid}` in a policy's resources stand for the caller's, as in
its own policy for users who manage their own keys. The emulator takes them as they are written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam


def fill() -> None:
    gather = iam_evaluator._gather_user_policies

    def gather_user_policies(user_name: str, account_id: str) -> list[list[Any]]:
        user = iam._users.get_scoped(account_id, None, user_name) or {}
        values = {"${aws:username}": user_name, "${aws:userid}": user.get("UserId", "")}
        return [
            [_resolved(statement, values) for statement in policy] for policy in gather(user_name, account_id)
        ]

    iam_evaluator._gather_user_policies = gather_user_policies


def _resolved(statement: Any, values: dict[str, str]) -> Any:
    resources = _replaced(statement.resources, values)
    return replace(statement, resources=resources, not_resources=_replaced(statement.not_resources, values))


def _replaced(texts: list[str], values: dict[str, str]) -> list[str]:
    for variable, value in values.items():
        texts = [text.replace(variable, value) for text in texts]
    return texts
