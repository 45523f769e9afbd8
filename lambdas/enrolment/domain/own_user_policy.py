"""The resource policy that lets a managed secret's own user read it, if the deployer wants that.

A thief who holds a key of the user can then read the next key. So it is off by default, and it is removed if
AWS has quarantined the user, and while the secret contains another user's key. It does not admit sessions,
which continue to work after the key that created them (by GetSessionToken) was deactivated.
"""

from __future__ import annotations

import json
from enum import StrEnum

from lambdas.rotation.domain.resource_policy import parse_statements

_SID = "AccessKeyRemediatorOwnUser"
_NO_SESSION = {"Null": {"aws:TokenIssueTime": "true"}}


class PolicyFound(StrEnum):
    NONE = "none"
    OWN = "own"  # the remediator's policy for this user
    OWN_FOR_SESSIONS = "own-for-sessions"  # the same as earlier versions wrote it, which admits sessions
    OTHER = "other"


class Access(StrEnum):
    GRANT = "give"
    REVOKE = "take"


def own_policy(user_arn: str, user_id: str) -> str:
    """Names the UserId as well as the ARN, because a re-created user of the same name is another user (IAM
    user guide, policy variables, aws:userid). A request has aws:TokenIssueTime only if it is signed with
    temporary credentials (IAM user guide, AWS global condition context keys).
    """
    statement = {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"AWS": user_arn},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:userid": user_id}, **_NO_SESSION},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy_found(text: str, user_id: str) -> PolicyFound:
    """`text` is the secret's policy, empty if it has none. Secrets Manager may change its format, but the
    statement's Sid, the UserId and the names of condition keys stay.
    """
    if not text:
        return PolicyFound.NONE
    statements = parse_statements(text)
    is_own = [one.get("Sid") for one in statements if isinstance(one, dict)] == [_SID]
    if not is_own or user_id not in json.dumps(statements):
        return PolicyFound.OTHER
    return PolicyFound.OWN if "aws:TokenIssueTime" in json.dumps(statements) else PolicyFound.OWN_FOR_SESSIONS


def access_wanted(found: PolicyFound | None, *, is_refused: bool) -> Access | None:
    """The change to be made. `found` is None if users do not read their own secrets. Another policy stays."""
    if is_refused:
        return Access.REVOKE if found in {PolicyFound.OWN, PolicyFound.OWN_FOR_SESSIONS} else None
    return Access.GRANT if found in {PolicyFound.NONE, PolicyFound.OWN_FOR_SESSIONS} else None
