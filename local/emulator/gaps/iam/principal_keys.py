"""The condition keys that say who calls.

AWS documents (IAM user guide, "AWS global condition context keys") that `aws:PrincipalArn` of a role's
session is the ARN of the role, with its path; and that every signed request has `aws:PrincipalIsAWSService`,
true for a service that calls for itself. Such a service has no ARN of an IAM principal. The emulator takes
the session's ARN, and does not have the second key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE: Final = "Service"
SESSION: Final = ":assumed-role/"


def fill() -> None:
    resolve = iam_evaluator._resolve_condition_key
    known: dict[str, Callable[[Any], str | None]] = {
        "aws:principalarn": principal_arn,
        "aws:principalisawsservice": lambda context: str(context.principal_type == SERVICE).lower(),
    }

    def resolve_condition_key(key: str, context: Any) -> Any:
        own = known.get(key.lower())
        return own(context) if own else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_condition_key


def principal_arn(context: Any) -> str | None:
    if context.principal_type == SERVICE:
        return None
    arn: str = context.principal_arn
    if SESSION not in arn:
        return arn
    account, role_name = arn.split(":")[4], arn.split("/")[1]
    role: dict[str, str] = iam._roles.get_scoped(account, None, role_name) or {}
    return role.get("Arn", arn)
