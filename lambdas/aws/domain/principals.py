"""Recognises the principal of a call: the remediator itself, or a configured automation."""

from __future__ import annotations

from collections.abc import Iterable

# In the user agent of the calls by which a rotation tests its new key.
OWN_TEST_AGENT = "access-key-remediator-trial"

# In the user agent of the calls by which a rotation creates a key, before what identifies its secret.
OWN_CREATION_AGENT = "access-key-remediator-key-of"


def is_own_test(user_agent: str) -> bool:
    """A test of a new key by a rotation, which no consumer made. A user agent proves nothing by itself."""
    return OWN_TEST_AGENT in user_agent


def acted_as(actor: str, role_name: str) -> bool:
    """`actor` is the end of an ARN: `assumed-role/name/session`."""
    return actor.startswith(f"assumed-role/{role_name}/")


def is_automation(principal: str, automations: Iterable[str]) -> bool:
    """True for an automation itself, for any session of its role, and for whatever begins with an automation
    that ends in a slash. `user/bot` is one user: others may have the IAM path `/bot/`.
    """
    return any(principal == it or _is_session(principal, it) for it in automations)


def _is_session(principal: str, automation: str) -> bool:
    is_role = automation.startswith("assumed-role/")
    prefix = automation.rstrip("/") + "/" if is_role else automation
    return prefix.endswith("/") and principal.startswith(prefix)
