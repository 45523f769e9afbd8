"""The resource policy that lets a managed secret's own user read it, if the deployer wants that.

A thief who holds a key of the user can then read the next key. So it is off by default, and it is removed if
AWS has quarantined the user, and while the secret contains another user's key.
"""

from __future__ import annotations

import json
from enum import StrEnum

from lambdas.rotation.domain.resource_policy import parse_statements

_SID = "AccessKeyRemediatorOwnUser"


class PolicyFound(StrEnum):
    NONE = "none"
    OWN = "own"  # the remediator's policy for this user
    OTHER = "other"


class Access(StrEnum):
    GRANT = "give"
    REVOKE = "take"


def own_policy(user_arn: str, user_id: str) -> str:
    """Names the UserId as well as the ARN, because a re-created user of the same name is another user (IAM
    user guide, policy variables, aws:userid).
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
    """`text` is the secret's policy, empty if it has none. Secrets Manager may change its format, but the
    statement's Sid and the UserId stay.
    """
    if not text:
        return PolicyFound.NONE
    statements = parse_statements(text)
    is_own = [one.get("Sid") for one in statements if isinstance(one, dict)] == [_SID]
    return PolicyFound.OWN if is_own and user_id in json.dumps(statements) else PolicyFound.OTHER


def access_wanted(found: PolicyFound | None, *, is_refused: bool) -> Access | None:
    """The change to be made. `found` is None if users do not read their own secrets. Another policy stays."""
    if is_refused:
        return Access.REVOKE if found is PolicyFound.OWN else None
    return Access.GRANT if found is PolicyFound.NONE else None
