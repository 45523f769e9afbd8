"""The exemption table.

An item: `exemption` (partition key, `<scope>:<value>`), `reason`, `author`, `expires` (ISO 8601, UTC) and,
for a network behind a VPC endpoint, `vpcEndpoint`, all written by a person with one put. Once its end was
reported, also `reportedAt` (ISO 8601) and `expiresAt` (epoch seconds, the TTL). A person who renews an
exemption replaces the item, and so removes these two.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable, names
from lambdas.aws.adapters.ttl_cache import TtlCache
from lambdas.aws.json_fields import text, utc_time
from lambdas.decisions.domain.exemption import Exemption

CACHE_SECONDS = 30.0
REMOVED_AFTER = timedelta(days=30)
_OPERATION = "dynamodb:exemptions"
_WRITTEN = ("reason", "author", "expires", "vpcEndpoint")


class DynamoExemptions:
    def __init__(
        self,
        clients: Clients,
        table_name: str,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`monotonic` counts seconds, for the cache of a warm function."""
        self._table = ItemTable(clients, table_name)
        self._clock = clock
        self._cache: TtlCache[tuple[Exemption, ...]] = TtlCache(CACHE_SECONDS, monotonic)
        self._unreported: Mapping[str, Mapping[str, Any]] = {}

    def every(self) -> tuple[Exemption, ...]:
        return self._cache.get("every", lambda: tuple(map(_exemption, self._items())))

    def unreported(self) -> tuple[Exemption, ...]:
        items = (item for item in self._items() if "reportedAt" not in item)
        self._unreported = {item["exemption"]: item for item in items}
        return tuple(map(_exemption, self._unreported.values()))

    def mark_reported(self, exemption: Exemption) -> None:
        """Conditional on all that a person wrote, as it was read."""
        item, now = self._unreported[exemption.name], self._clock()
        known = {f":{name}": item[name] for name in _WRITTEN if name in item}
        same = (
            f"#{name} = :{name}" if name in item else f"attribute_not_exists(#{name})" for name in _WRITTEN
        )
        with aws_errors(_OPERATION):
            self._table.update(
                {"exemption": exemption.name},
                "SET reportedAt = :now, expiresAt = :removed",
                condition=f"attribute_exists(exemption) AND {' AND '.join(same)}",
                values=known | {":now": now.isoformat(), ":removed": int((now + REMOVED_AFTER).timestamp())},
                names=names(dict.fromkeys(_WRITTEN)),
            )

    def _items(self) -> list[dict[str, Any]]:
        with aws_errors(_OPERATION):
            return list(self._table.scan())


def _exemption(item: Mapping[str, Any]) -> Exemption:
    return Exemption(
        name=item["exemption"],
        reason=text(item.get("reason")),
        author=text(item.get("author")),
        expires=utc_time(item.get("expires")),
        vpc_endpoint=str(item.get("vpcEndpoint", "")),  # what is no text is no endpoint either, so invalid
    )
