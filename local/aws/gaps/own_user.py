"""A user that manages its own keys.

AWS documents for CreateAccessKey, ListAccessKeys, UpdateAccessKey and DeleteAccessKey: without a UserName the
user is the one whose key signed the request. The emulator takes a user named `default`, and lets
DeleteAccessKey name any user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.iam_evaluator import caller_arn
from ministack.services import iam

if TYPE_CHECKING:
    from collections.abc import Callable

SELF_SERVICE: Final = ("CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey")


def fill() -> None:
    for action in SELF_SERVICE:
        iam._IAM_HANDLERS[action] = _for_own_user(iam._IAM_HANDLERS[action])


def _for_own_user(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(parameters: dict[str, list[str]]) -> Any:
        user_name = iam._p(parameters, "UserName") or caller_arn().rpartition("/")[2]
        key_id = iam._p(parameters, "AccessKeyId")
        if user_name not in iam._users:
            return _not_found(f"The user with name {user_name} cannot be found.")
        if key_id and iam._access_keys.get(key_id, {}).get("UserName") != user_name:
            return _not_found(f"The Access Key with id {key_id} cannot be found.")
        return handler({**parameters, "UserName": [user_name]})

    return answer


def _not_found(message: str) -> Any:
    return iam._error(404, "NoSuchEntity", message, ns="iam")
