"""Which rules see CloudTrail's management events.

AWS documents that a rule in state ENABLED does not see management events whose name begins with List, Get or
Describe, except GetFederationToken and GetSessionToken, and that one in state
ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS sees them all. To the emulator the second state is not enabled
at all, and the first sees everything.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import eventbridge

ALL_MANAGEMENT_EVENTS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
READ_PREFIXES: Final = ("List", "Get", "Describe")
EXCEPTIONS: Final = frozenset({"GetFederationToken", "GetSessionToken"})


def fill() -> None:
    eventbridge._dispatch_event = dispatch_event


def dispatch_event(event: dict[str, Any], view: Any = None) -> None:
    bus = event.get("EventBusName", "default")
    path = set(event.get("_DispatchPath") or [])
    view = view or eventbridge._pattern_event_view(event)
    is_read = _is_management_read(view.event_with_detail())
    for key, rule in eventbridge._rules.items():
        if rule.get("EventBusName", "default") == bus and key not in path and _sees(rule, is_read=is_read):
            _match(key, rule, event, view)


def _is_management_read(envelope: dict[str, Any]) -> bool:
    detail = envelope.get("detail") or {}
    name = str(detail.get("eventName", ""))
    return (
        str(envelope.get("detail-type", "")).endswith("via CloudTrail")
        and detail.get("managementEvent") is True
        and name.startswith(READ_PREFIXES)
        and name not in EXCEPTIONS
    )


def _sees(rule: dict[str, Any], *, is_read: bool) -> bool:
    state = rule.get("State")
    return state == ALL_MANAGEMENT_EVENTS or (state == "ENABLED" and not is_read)


def _match(key: str, rule: dict[str, Any], event: dict[str, Any], view: Any) -> None:
    pattern = rule.get("EventPattern")
    if pattern and eventbridge._matches_pattern_view(pattern, view, f"rule {key}"):
        for target in eventbridge._targets.get(key, []):
            eventbridge._invoke_target(target, event, rule, view)
