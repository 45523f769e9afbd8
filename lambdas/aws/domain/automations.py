"""Principals on the configured list of automations, whose switching off of a key is no person's wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_automation(principal: str, automations: Iterable[str]) -> bool:
    return any(_is_of(principal, automation) for automation in automations)


def _is_of(principal: str, automation: str) -> bool:
    """The principal itself, or a session of the role."""
    return principal == automation or principal.startswith(automation.rstrip("/") + "/")
