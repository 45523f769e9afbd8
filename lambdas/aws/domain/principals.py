"""Whether a change was our own doing, by the name that CloudTrail has for whoever made it."""

from __future__ import annotations


def acted_as(actor: str, role_name: str) -> bool:
    """`actor` is the end of an ARN, as `assumed-role/name/session`."""
    return actor.startswith(f"assumed-role/{role_name}/")
