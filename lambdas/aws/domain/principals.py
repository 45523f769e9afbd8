"""Which principal made a call: the remediator itself, a listed automation, or somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


# In the user agent of the calls by which a rotation tries its new key.
OWN_TEST_AGENT = "access-key-remediator-trial"


def acted_as(actor: str, role_name: str) -> bool:
    """`actor` is the end of an ARN, as `assumed-role/name/session`."""
    return actor.startswith(f"assumed-role/{role_name}/")


def is_automation(principal: str, automations: Iterable[str]) -> bool:
    return any(_is_of(principal, automation) for automation in automations)


def _is_of(principal: str, automation: str) -> bool:
    """The principal itself, or a session of the role."""
    return principal == automation or principal.startswith(automation.rstrip("/") + "/")
