"""UpdateUser.

AWS documents that it changes a user's name and path; keys, policies, password and groups stay with the user.
The emulator does not know the action.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam


def fill() -> None:
    iam._IAM_HANDLERS["UpdateUser"] = update_user


def update_user(parameters: dict[str, list[str]]) -> Any:
    name = iam._p(parameters, "UserName")
    new_name = iam._p(parameters, "NewUserName") or name
    if name not in iam._users:
        return iam._error(404, "NoSuchEntity", f"The user with name {name} cannot be found.", ns="iam")
    if new_name != name and new_name in iam._users:
        message = f"User with name {new_name} already exists."
        return iam._error(409, "EntityAlreadyExists", message, ns="iam")
    path = iam._p(parameters, "NewPath") or iam._users[name]["Path"]
    arn = f"arn:aws:iam::{get_account_id()}:user{path}{new_name}"
    iam._users[new_name] = {**iam._users.pop(name), "UserName": new_name, "Path": path, "Arn": arn}
    _follow(name, new_name)
    return iam._xml(200, "UpdateUserResponse", "", ns="iam")


def _follow(name: str, new_name: str) -> None:
    for key in iam._access_keys.values():
        if key["UserName"] == name:
            key["UserName"] = new_name
    for store in (iam._user_inline_policies, iam._login_profiles):
        if name in store:
            store[new_name] = store.pop(name)
    for group in iam._groups.values():
        group["Users"] = [new_name if user == name else user for user in group["Users"]]
