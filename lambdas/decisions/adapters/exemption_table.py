"""The exemption table.

An item: `exemption` (partition key, `<scope>:<value>`), `reason`, `author` and `expires` (ISO 8601, UTC), all
written by a person with one put; and once it has ended `reportedAt` (ISO 8601) and `expiresAt` (epoch
seconds, the TTL). While a worker reports it, `claimedUntil` (epoch seconds), and `alertsToldAt` or
`chatToldAt` (ISO 8601) once that channel was told. Whoever renews an exemption replaces the item, and with it
all that was written here.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.adapters.item_codec import iso
from lambdas.aws.adapters.ttl_cache import TtlCache
from lambdas.aws.json_fields import text, utc_time
from lambdas.decisions.domain.exemption import Exemption
from lambdas.incidents.domain.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

SECONDS_REMEMBERED = 30.0
CLAIM_SECONDS = 45  # longer than the alert timer may run, shorter than the time between two of its runs
KEPT_AFTER_ITS_END = timedelta(days=30)
_DOING = "dynamodb:exemptions"
_CLAIMED = "attribute_exists(claimedUntil)"


class DynamoExemptions:
    """`monotonic` counts seconds; by it a warm function remembers what it read."""

    def __init__(
        self,
        client: Callable[[], DynamoDBClient],
        table_name: str,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = ItemTable(client, table_name)
        self._clock = clock
        self._answers: TtlCache[tuple[Exemption, ...]] = TtlCache(SECONDS_REMEMBERED, monotonic)

    def every(self) -> tuple[Exemption, ...]:
        return self._answers.get("every", self.every_now)

    def every_now(self) -> tuple[Exemption, ...]:
        with aws_errors(_DOING):
            return tuple(map(_exemption_of, self._table.scan()))

    def claim_report(self, name: str) -> Exemption | None:
        now = int(self._clock().timestamp())
        with aws_errors(_DOING):
            item = self._table.update(
                {"exemption": name},
                "SET claimedUntil = :until",
                condition="attribute_exists(exemption) AND attribute_not_exists(reportedAt)"
                " AND (attribute_not_exists(claimedUntil) OR claimedUntil < :now)",
                values={":until": now + CLAIM_SECONDS, ":now": now},
            )
        return _exemption_of(item) if item else None

    def mark_delivered(self, name: str, channel: Channel) -> None:
        with aws_errors(_DOING):
            self._table.update(
                {"exemption": name},
                "SET #told = :now",
                condition=_CLAIMED,
                values={":now": iso(self._clock())},
                names={"#told": _told_at(channel)},
            )

    def mark_reported(self, name: str) -> None:
        now = self._clock()
        expires_at = int((now + KEPT_AFTER_ITS_END).timestamp())
        with aws_errors(_DOING):
            self._table.update(
                {"exemption": name},
                "SET reportedAt = :now, expiresAt = :expires REMOVE claimedUntil",
                condition=_CLAIMED,
                values={":now": iso(now), ":expires": expires_at},
            )


def _exemption_of(item: Mapping[str, Any]) -> Exemption:
    return Exemption(
        name=item["exemption"],
        reason=text(item.get("reason")),
        author=text(item.get("author")),
        expires=utc_time(item.get("expires")),
        reported="reportedAt" in item,
        told_to=frozenset(channel for channel in Channel if _told_at(channel) in item),
    )


def _told_at(channel: Channel) -> str:
    return f"{channel.value}ToldAt"
