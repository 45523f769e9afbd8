"""A user that manages its own keys, and the account's root that manages its own.

AWS documents for CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey and GetUser: without a
UserName it is the user whose key signed the request, or root; a role has to name one. The emulator takes a
user named `default` (root, for GetUser), and lets DeleteAccessKey name any user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.iam_evaluator import caller_arn
from ministack.services import iam

from local.emulator.gaps.iam.root_keys import ROOT, without_user_name

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_ACTIONS: Final = ("CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey")
OF_OWN_USER: Final = (*KEY_ACTIONS, "GetUser")


def fill() -> None:
    for action in OF_OWN_USER:
        iam._IAM_HANDLERS[action] = _for_own_user(iam._IAM_HANDLERS[action])


def _for_own_user(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(parameters: dict[str, list[str]]) -> Any:
        if named := iam._p(parameters, "UserName"):
            return _absent(named, parameters) or handler(parameters)
        caller = caller_arn()
        if caller.endswith(":root"):
            return _for_root(handler, parameters)
        if ":user/" not in caller:
            message = "Must specify userName when calling with non-User credentials"
            return iam._error(400, "ValidationError", message, ns="iam")
        own = caller.rpartition("/")[2]
        return _absent(own, parameters) or handler({**parameters, "UserName": [own]})

    return answer


def _for_root(handler: Callable[[Any], Any], parameters: dict[str, list[str]]) -> Any:
    if iam._p(parameters, "Action") == "GetUser":
        return handler(parameters)
    if refusal := _absent_key(ROOT, parameters):
        return refusal
    return without_user_name(handler({**parameters, "UserName": [ROOT]}))


def _absent(user_name: str, parameters: dict[str, list[str]]) -> Any:
    if user_name not in iam._users:
        return _not_found(f"The user with name {user_name} cannot be found.")
    return _absent_key(user_name, parameters)


def _absent_key(user_name: str, parameters: dict[str, list[str]]) -> Any:
    key_id = iam._p(parameters, "AccessKeyId")
    if key_id and iam._access_keys.get(key_id, {}).get("UserName") != user_name:
        return _not_found(f"The Access Key with id {key_id} cannot be found.")
    return None


def _not_found(message: str) -> Any:
    return iam._error(404, "NoSuchEntity", message, ns="iam")
