"""A temporary credential whose user or role has been deleted.

AWS documents that its permissions are those of its user or role at each request (IAM user guide, "Disabling
permissions for temporary security credentials"), but not with which error it ends. That it is then refused
like an unknown key is reported, of a role that was deleted (aws/aws-sdk-java-v2 issue 5545), and not
confirmed; that the same holds for a user's session is inferred. The emulator goes on accepting it.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam


def fill() -> None:
    resolve = iam_evaluator.resolve_credential

    def resolve_credential(*args: Any, **kwargs: Any) -> Any:
        credential = resolve(*args, **kwargs)
        return iam_evaluator._unknown_access_key() if _is_orphaned(credential) else credential

    iam_evaluator.resolve_credential = resolve_credential


def _is_orphaned(credential: Any) -> bool:
    """`...:assumed-role/<role>/<session>` names the role; a session of a user keeps the user's name."""
    if not getattr(credential, "session_token", None):
        return False
    if credential.principal_type == "AssumedRole":
        role_name = credential.principal_arn.split("/")[1]
        return iam._roles.get_scoped(credential.account_id, None, role_name) is None
    if credential.principal_type == "User":
        return iam._users.get_scoped(credential.account_id, None, credential.principal_name) is None
    return False
