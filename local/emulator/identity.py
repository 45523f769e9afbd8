"""Who signed a call, as CloudTrail's userIdentity says it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import iam, sts

from local.emulator.settings import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_NUMBER: Final = re.compile(r"\d{12}")

UserIdentity: TypeAlias = "dict[str, Any]"


def signer_of(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> UserIdentity:
    access_key_id = extract_access_key_id(headers, query)
    return resolved(access_key_id) or unresolved(access_key_id)


def unresolved(access_key_id: str) -> UserIdentity:
    """Our assumption: AWS documents no record of a key that it cannot resolve.

    It has no name and no principal then; the account is the one that receives the record.
    """
    kind = "AssumedRole" if access_key_id.startswith("ASIA") else "IAMUser"
    return {"type": kind, "principalId": "", "accountId": ACCOUNT, "accessKeyId": access_key_id}


def resolved(access_key_id: str) -> UserIdentity | None:
    account = iam_evaluator.find_iam_access_key_account(access_key_id) or _account_of(access_key_id)
    credential = iam_evaluator.resolve_credential(access_key_id, account) if access_key_id else None
    if not isinstance(credential, iam_evaluator.ResolvedCredential):
        return None
    common = {"arn": credential.principal_arn, "accountId": account, "accessKeyId": access_key_id}
    if credential.principal_type == "User":
        user = {"principalId": credential.principal_id, "userName": credential.principal_name}
        return {"type": "IAMUser", **common, **user}
    if credential.principal_type == "AssumedRole":
        return {"type": "AssumedRole", **common, **_session(credential, account)}
    return {"type": credential.principal_type, "principalId": credential.principal_id, **common}


def _account_of(access_key_id: str) -> str:
    """Of a session, or of root where the id is its account's number."""
    if ACCOUNT_NUMBER.fullmatch(access_key_id):
        return access_key_id
    arn = sts._sessions.get(access_key_id, {}).get("Arn", "")
    return arn.split(":")[4] if arn else ACCOUNT


def _session(credential: Any, account: str) -> dict[str, Any]:
    """`arn:aws:sts::<account>:assumed-role/<role>/<session>` and its issuer, the role."""
    _, role_name, session_name = credential.principal_arn.rsplit("/", 2)
    role = iam._roles.get_scoped(account, None, role_name) or {}
    issued = time.gmtime(sts._sessions.get(credential.access_key_id, {}).get("IssuedAt"))
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", issued)
    issuer = {"type": "Role", "principalId": role.get("RoleId", ""), "arn": role.get("Arn", "")}
    return {
        "principalId": f"{role.get('RoleId', '')}:{session_name}",
        "sessionContext": {
            "sessionIssuer": {**issuer, "accountId": account, "userName": role_name},
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }
