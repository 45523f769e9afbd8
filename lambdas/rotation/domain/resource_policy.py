"""Whether a secret's resource policy may let the secret's own user read it, whose key may be stolen, or
anybody else.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ROLE = re.compile(r"arn:[a-z-]+:(iam::\d{12}:role/|sts::\d{12}:assumed-role/)[^*]+")
_NO_VALUE_ACTIONS = frozenset({"secretsmanager:describesecret", "secretsmanager:listsecretversionids"})
_USER = re.compile(r"arn:[a-z-]+:iam::\d{12}:user/[^*]+")


def may_grant_read(policy: str, user_name: str) -> bool:
    """False only for a policy that grants access to roles, services and users of other names alone.

    Everything else counts as granting: an account, which includes all its users, and every form that is not
    known here (IAM user guide, "AWS JSON policy elements: Principal").
    """
    return bool(policy) and not all(_is_harmless(one, user_name) for one in parse_statements(policy))


def allows_reading(policy: str) -> bool:
    """Whether the policy may let anybody read the secret, or make itself a reader.

    False only if every statement denies, or allows nothing but descriptions. Everything else counts, and so
    does every form that is not known here.
    """
    return bool(policy) and not all(map(_allows_descriptions_alone, parse_statements(policy)))


def parse_statements(policy: str) -> list[Any]:
    """[None] for a text that is no policy. A statement may be anything, not only a mapping."""
    try:
        parsed = json.loads(policy)
    except (ValueError, RecursionError):
        return [None]
    statements = parsed.get("Statement") if isinstance(parsed, dict) else None
    return statements if isinstance(statements, list) else [statements]


def _is_harmless(statement: object, user_name: str) -> bool:
    if not isinstance(statement, dict):
        return False
    if statement.get("Effect") == "Deny":
        return True
    principal = statement.get("Principal")
    if not isinstance(principal, dict) or not principal or not principal.keys() <= {"AWS", "Service"}:
        return False
    return all(_is_another(name, user_name) for name in _listed(principal.get("AWS", [])))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_another(principal: object, user_name: str) -> bool:
    if not isinstance(principal, str):
        return False
    is_user = _USER.fullmatch(principal) is not None
    is_same = principal.rpartition("/")[2].lower() == user_name.lower()
    return _ROLE.fullmatch(principal) is not None or (is_user and not is_same)


def _allows_descriptions_alone(statement: object) -> bool:
    if not isinstance(statement, dict):
        return False
    if statement.get("Effect") == "Deny":
        return True
    actions = _listed(statement.get("Action"))
    return all(isinstance(action, str) and action.lower() in _NO_VALUE_ACTIONS for action in actions)
