"""The resource policy by which a managed secret lets its own user read it, where the deployer wants that.

Whoever holds a stolen key of the user can then read its successor: so it is off by default, and never there
for a user that AWS has quarantined, nor while the secret carries the key of another user.
"""

from __future__ import annotations

import json
from enum import StrEnum

_SID = "AccessKeyRemediatorOwnUser"


class PolicyFound(StrEnum):
    """What a secret has: no policy, the remediator's own for this user, or somebody else's."""

    NONE = "none"
    OWN = "own"
    OTHER = "other"


class Access(StrEnum):
    GRANT = "give"
    REVOKE = "take"


def own_policy(user_arn: str, user_id: str) -> str:
    """The UserId besides the ARN, because a re-created user of the same name is somebody else (IAM user
    guide, policy variables, aws:userid).
    """
    statement = {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"AWS": user_arn},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:userid": user_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy_found(text: str, user_id: str) -> PolicyFound:
    """Of a secret's policy, empty where it has none. Secrets Manager may write the same policy in another
    way; its statement's name and the UserId stay.
    """
    if not text:
        return PolicyFound.NONE
    statements = _statements(text)
    is_own = len(statements) == 1 and statements[0].get("Sid") == _SID
    return PolicyFound.OWN if is_own and user_id in json.dumps(statements) else PolicyFound.OTHER


def access_wanted(found: PolicyFound | None, *, is_kept_out: bool) -> Access | None:
    """`found` is None where users do not read their own secrets. A policy of somebody else's stays."""
    if is_kept_out:
        return Access.REVOKE if found is PolicyFound.OWN else None
    return Access.GRANT if found is PolicyFound.NONE else None


def _statements(text: str) -> list[dict[str, object]]:
    try:
        document = json.loads(text)
    except ValueError:
        return []
    found = document.get("Statement", []) if isinstance(document, dict) else []
    listed = found if isinstance(found, list) else [found]
    return [statement for statement in listed if isinstance(statement, dict)]
