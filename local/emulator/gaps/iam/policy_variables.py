"""Policy variables.

AWS documents that `${aws:username}` and `${aws:userid}` in a policy's resources stand for the caller's, as in
its own policy for users who manage their own keys, and that any condition key of the request may be a
variable in the value of a condition; one without a value invalidates its statement (IAM user guide,
"Variables and tags"). The emulator takes them as they are written.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")


def fill() -> None:
    gather, met = iam_evaluator._gather_user_policies, iam_evaluator._conditions_met

    def gather_user_policies(user_name: str, account_id: str) -> list[list[Any]]:
        user = iam._users.get_scoped(account_id, None, user_name) or {}
        values = {"${aws:username}": user_name, "${aws:userid}": user.get("UserId", "")}
        return [
            [_resolved(statement, values) for statement in policy] for policy in gather(user_name, account_id)
        ]

    def conditions_met(conditions: dict[str, Any], context: Any) -> bool:
        text = str(conditions)
        values = {
            name: iam_evaluator._resolve_condition_key(name, context) for name in VARIABLE.findall(text)
        }
        if not all(isinstance(value, str) for value in values.values()):
            return False
        return bool(met(_with_values(conditions, values), context))

    iam_evaluator._gather_user_policies = gather_user_policies
    iam_evaluator._conditions_met = conditions_met


def _resolved(statement: Any, values: dict[str, str]) -> Any:
    resources = _replaced(statement.resources, values)
    return replace(statement, resources=resources, not_resources=_replaced(statement.not_resources, values))


def _replaced(texts: list[str], values: dict[str, str]) -> list[str]:
    for variable, value in values.items():
        texts = [text.replace(variable, value) for text in texts]
    return texts


def _with_values(part: Any, values: dict[str, Any]) -> Any:
    """The condition, or a part of one, with the value of each variable."""
    if isinstance(part, dict):
        return {name: _with_values(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [_with_values(value, values) for value in part]
    return VARIABLE.sub(lambda found: values[found[1]], part) if isinstance(part, str) else part
