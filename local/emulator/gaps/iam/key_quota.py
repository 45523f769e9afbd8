"""How many access keys a user may have.

AWS documents a quota of two, inactive ones included, and LimitExceeded beyond it. The emulator has none.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import iam

KEYS_PER_USER: Final = 2


def fill() -> None:
    create = iam._IAM_HANDLERS["CreateAccessKey"]

    def answer(parameters: dict[str, list[str]]) -> Any:
        user_name = iam._p(parameters, "UserName")
        keys = [key for key in iam._access_keys.values() if key["UserName"] == user_name]
        if len(keys) < KEYS_PER_USER:
            return create(parameters)
        message = f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}"
        return iam._error(409, "LimitExceeded", message, ns="iam")

    iam._IAM_HANDLERS["CreateAccessKey"] = answer
