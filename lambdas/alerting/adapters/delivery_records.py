"""Which channels have received a notification, in the lease table.

An item: `name` (`notification:` and the notification's id), `claimedUntil` (epoch seconds) while a worker
sends it, `deliveredTo` (a set of channels) and `expiresAt` (epoch seconds, the TTL). SQS may deliver a
message again, or an operator may return it from the dead-letter queue, for two weeks, so records are kept for
longer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError
from lambdas.incidents.domain.outbox import Channel

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
_RECORD_TTL_SECONDS = 30 * 24 * 60 * 60
RECORD_PREFIX = "notification:"  # of the items' names; the permissions name it
_KEY_BYTES = 2048
_OPERATION = "dynamodb:notifications"


class DynamoDeliveryRecords:
    def __init__(self, clients: Clients, lease_table: str, *, clock: Callable[[], datetime]) -> None:
        self._table = ItemTable(clients, lease_table)
        self._clock = clock

    def delivered(self, notification_id: str) -> frozenset[Channel]:
        with aws_errors(_OPERATION):
            return _channels(self._table.get(_key(notification_id), consistent=True))

    def claim(self, notification_id: str) -> frozenset[Channel]:
        now = int(self._clock().timestamp())
        with aws_errors(_OPERATION):
            expiry = {"expiresAt": now + _RECORD_TTL_SECONDS}
            claimed = self._table.claim(_key(notification_id), expiry, now=now, seconds=CLAIM_SECONDS)
        if claimed is None:
            raise BusyError("another worker is sending this notification")
        return _channels(claimed)

    def mark_delivered(self, notification_id: str, channel: Channel) -> None:
        with aws_errors(_OPERATION):
            self._table.update(
                _key(notification_id),
                "ADD deliveredTo :channel",
                condition="attribute_exists(claimedUntil)",
                values={":channel": {channel.value}},
            )


def _key(notification_id: str) -> dict[str, str]:
    """Hashed if it would not fit: the name of an exemption alone may have as many bytes as a partition key
    (DynamoDB developer guide, quotas).
    """
    name = f"{RECORD_PREFIX}{notification_id}"
    if len(name.encode()) > _KEY_BYTES:
        name = f"{RECORD_PREFIX}sha256:{hashlib.sha256(notification_id.encode()).hexdigest()}"
    return {"name": name}


def _channels(item: Mapping[str, Any]) -> frozenset[Channel]:
    return frozenset(map(Channel, item.get("deliveredTo", ())))
