"""The policy of an event bus.

AWS documents that the CloudFormation type AWS::Events::EventBusPolicy adds one statement to it, under its
StatementId; and that PutPermission takes a whole Policy, or an account as Principal, which stands for that
account's root. The emulator does not know the type, takes no Policy, and keeps the account's bare number,
which matches nobody.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

Properties: TypeAlias = "dict[str, Any]"


def fill() -> None:
    put = eventbridge._put_permission

    def put_permission(request: Properties) -> Any:
        if "Policy" not in request:
            return put({**request, "Principal": _principal(request.get("Principal", "*"))})
        eventbridge._event_bus_policies[request.get("EventBusName", "default")] = json.loads(
            request["Policy"]
        )
        return eventbridge.json_response({})

    eventbridge._put_permission = put_permission
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _principal(account: str) -> str | dict[str, str]:
    return "*" if account == "*" else {"AWS": f"arn:aws:iam::{account}:root"}


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
