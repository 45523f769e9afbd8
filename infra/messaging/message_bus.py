"""An event bus that takes events only from certain roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_events import EventBus

from infra.messaging.senders import Senders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct


class MessageBus(EventBus):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        operator_roles: Iterable[str],
        name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description=description, event_bus_name=name)
        self.senders = Senders(operator_roles)
        self.add_to_resource_policy(self.senders.denial("events:PutEvents", self.event_bus_arn))
