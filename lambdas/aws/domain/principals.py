"""Recognises the principal of a call: the remediator itself, or a configured automation."""

from __future__ import annotations

from collections.abc import Iterable

# In the user agent of the calls by which a rotation tests its new key.
OWN_TEST_AGENT = "access-key-remediator-trial"

# In the user agent of the calls by which a rotation creates a key, before what identifies its secret.
OWN_CREATION_AGENT = "access-key-remediator-key-of"


def acted_as(actor: str, role_name: str) -> bool:
    """`actor` is the end of an ARN: `assumed-role/name/session`."""
    return actor.startswith(f"assumed-role/{role_name}/")


def is_automation(principal: str, automations: Iterable[str]) -> bool:
    """True for an automation itself and for any session of its role."""
    return any(principal == it or principal.startswith(it.rstrip("/") + "/") for it in automations)
