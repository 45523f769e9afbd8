"""Puts incident events on the incident bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdas.alerting.domain.incident_event import DETAIL_TYPE, SOURCE
from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


class EventBridgeIncidentBus:
    def __init__(self, clients: Clients, bus_name: str) -> None:
        self._clients = clients
        self._bus_name = bus_name

    def put(self, detail: Mapping[str, object]) -> None:
        """Raises TransientError also if the call succeeds but EventBridge rejects the entry."""
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self._bus_name,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(detail),
        }
        with aws_errors("events:PutEvents"):
            answer = self._clients.events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise TransientError(f"events:PutEvents: {answer['Entries'][0].get('ErrorCode', 'refused')}")
