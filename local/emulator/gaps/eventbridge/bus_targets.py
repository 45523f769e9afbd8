"""Event buses as the targets of rules.

AWS documents ("Sending events between event buses", same account, other account, other region) that the
rule's role must be allowed events:PutEvents on the receiving bus, that another account's bus must let the
sender in by its own policy too, that the event keeps its account and region, and that it makes one hop: a
received event is not sent on. Here a target without a role needs the bus's policy. The emulator delivers to
buses of its own account and region alone, without asking, changes the region and forwards without end.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, request_scope
from ministack.services import eventbridge, iam

from local.emulator.gaps.eventbridge.event_refusal import EVENTS, Refusal
from local.emulator.permissions import account_may, role_may, service_may_assume

PUT: Final = "events:PutEvents"
BUS: Final = "event-bus/"


def fill() -> None:
    eventbridge.bus_policy_for_arn = policy_for_arn
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")
    eventbridge._dispatch_to_event_bus = dispatch


def policy_for_arn(arn: str) -> tuple[Any, str] | None:
    spec = parse_arn(arn)
    if not spec.resource.startswith(BUS):
        return None
    with request_scope(spec.account_id, spec.region):
        return eventbridge._event_bus_policies.get(spec.resource.removeprefix(BUS)), spec.account_id


def refusal(target: dict[str, Any], rule: dict[str, Any], event: dict[str, Any]) -> Refusal | None:
    arn, role = target["Arn"], target.get("RoleArn")
    if event.get("_DispatchPath"):
        return Refusal(_hop(arn), f"The event was received from another event bus: {arn}")
    if not _exists(arn):
        return Refusal("NO_RESOURCE", f"Event bus {arn} does not exist.")
    if role and not (_is_role(role) and service_may_assume(EVENTS, iam._roles.get(role.rpartition("/")[2]))):
        return Refusal("FAILED_TO_ASSUME_ROLE", f"{EVENTS} is not able to assume the role: {role}")
    keys = {
        "aws:SourceArn": rule["Arn"],
        "events:eventBusInvocation": "true",
        "events:source": event.get("Source", ""),
        "events:detail-type": event.get("DetailType", ""),
    }
    may = role_may(role, PUT, arn, keys) if role else account_may(get_account_id(), EVENTS, PUT, arn, keys)
    return (
        None if may else Refusal("NO_PERMISSIONS", f"{role or EVENTS} is not authorized to: {PUT} on {arn}")
    )


def dispatch(spec: Any, event: dict[str, Any], rule: dict[str, Any], _path: Any, payload: Any = None) -> None:
    forwarded = {
        **event,
        "EventBusName": spec.resource.removeprefix(BUS),
        "_DispatchPath": [rule["Arn"]],
        **({} if payload is None else {"Detail": payload}),
    }
    with request_scope(spec.account_id, spec.region):
        eventbridge._dispatch_event(forwarded)
        eventbridge._archive_event({**forwarded, "_DispatchPath": []})


def _exists(arn: str) -> bool:
    spec = parse_arn(arn)
    with request_scope(spec.account_id, spec.region):
        eventbridge._ensure_default_bus()
        return spec.resource.removeprefix(BUS) in eventbridge._event_buses


def _is_role(arn: str) -> bool:
    return arn.split(":")[4:5] == [get_account_id()]


def _hop(arn: str) -> str:
    other_account = parse_arn(arn).account_id != get_account_id()
    return "THIRD_ACCOUNT_HOP_DETECTED" if other_account else "THIRD_REGION_HOP_DETECTED"
