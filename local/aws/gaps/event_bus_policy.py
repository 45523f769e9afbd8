"""The CloudFormation type AWS::Events::EventBusPolicy.

AWS documents that it adds one statement to a bus's policy, under its StatementId. The emulator does not know
the type, though it does keep a policy for each bus.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

Properties: TypeAlias = "dict[str, Any]"


def fill() -> None:
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, str]]:
    bus = properties.get("EventBusName", "default")
    statement = {**properties["Statement"], "Sid": properties["StatementId"]}
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    others = [other for other in policy["Statement"] if other.get("Sid") != statement["Sid"]]
    eventbridge._event_bus_policies[bus] = {**policy, "Statement": [*others, statement]}
    return f"{bus}|{statement['Sid']}", {}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, dict[str, str]]:
    _delete(physical_id, old)
    return _create("", new, stack)


def _delete(_physical_id: str, properties: Properties) -> None:
    bus = properties.get("EventBusName", "default")
    eventbridge._remove_permission({"EventBusName": bus, "StatementId": properties["StatementId"]})
