"""The access keys of the account's root.

AWS documents that root may have keys, which act as root; no user owns them. The emulator files a key without
a user under `default`, and takes its signer for a user of that name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam, sts

ROOT: Final = "default"


def fill() -> None:
    resolve = iam_evaluator.resolve_credential

    def resolve_credential(*args: Any, **kwargs: Any) -> Any:
        found = resolve(*args, **kwargs)
        return _as_root(found) if _is_of_root(found) else found

    iam_evaluator.resolve_credential = sts.resolve_credential = resolve_credential


def without_user_name(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = answer
    return status, headers, body.replace(f"<UserName>{ROOT}</UserName>".encode(), b"")


def _is_of_root(found: Any) -> bool:
    if not isinstance(found, iam_evaluator.ResolvedCredential) or found.principal_name != ROOT:
        return False
    return iam._users.get_scoped(found.account_id, None, ROOT) is None


def _as_root(found: Any) -> Any:
    root = {"principal_arn": f"arn:aws:iam::{found.account_id}:root", "principal_id": found.account_id}
    return replace(found, principal_type="Root", principal_name="", **root)
