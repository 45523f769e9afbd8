"""Which notifications have been told, in the lease table: items `notification:` with the notification's id.

Whoever tells one takes it first, until `takenUntil` (epoch seconds); `toldTo` is the set of the channels that
have been told. A message may be delivered again, or taken from the dead-letter queue, for two weeks, so it is
remembered for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.errors import BusyError
from lambdas.incidents.domain.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

TAKEN_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
_REMEMBERED_SECONDS = 30 * 24 * 60 * 60
_DOING = "dynamodb:notifications"


class DynamoDeliveryRecords:
    def __init__(
        self, client: Callable[[], DynamoDBClient], lease_table: str, *, clock: Callable[[], datetime]
    ) -> None:
        self._table = ItemTable(client, lease_table)
        self._clock = clock

    def told(self, notification_id: str) -> frozenset[Channel]:
        with aws_errors(_DOING):
            return _told(self._table.get(_key(notification_id), consistent=True))

    def take(self, notification_id: str) -> frozenset[Channel]:
        now = self._seconds()
        with aws_errors(_DOING):
            taken = self._table.update(
                _key(notification_id),
                "SET takenUntil = :until, expiresAt = :expires",
                condition="attribute_not_exists(takenUntil) OR takenUntil < :now",
                values={":until": now + TAKEN_SECONDS, ":expires": now + _REMEMBERED_SECONDS, ":now": now},
            )
        if taken is None:
            raise BusyError("another worker is telling this notification")
        return _told(taken)

    def mark_delivered(self, notification_id: str, channel: Channel) -> None:
        with aws_errors(_DOING):
            self._table.update(
                _key(notification_id),
                "ADD toldTo :channel",
                condition="attribute_exists(takenUntil)",
                values={":channel": {channel.value}},
            )

    def _seconds(self) -> int:
        return int(self._clock().timestamp())


def _key(notification_id: str) -> dict[str, str]:
    return {"name": f"notification:{notification_id}"}


def _told(item: Mapping[str, Any]) -> frozenset[Channel]:
    return frozenset(map(Channel, item.get("toldTo", ())))
