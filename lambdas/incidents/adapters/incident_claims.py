"""Claims on incidents: one worker at a time evaluates and reports an incident.

A claim expires after the function's timeout, so that the next delivery, or the timer, takes over from a
worker that crashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable, assignments, names, values
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.times import iso
from lambdas.detection.domain.signal import Signal
from lambdas.incidents.domain.incident import Incident, IncidentRef

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
FOLLOW_UP = "due"  # a value of `timer`, the partition key of the index of due incidents
PENDING_MESSAGES = "pending"  # the other value, while messages wait in the outbox
OPERATION = "dynamodb:incidents"
# Errors that no retry resolves: the item is too large, for example.
PERMANENT_ERRORS = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
_RETRY_SECONDS = 300  # a failed incident is retried after the others


@dataclass(kw_only=True, eq=False, repr=False)
class IncidentClaims:
    table: ItemTable
    clock: Callable[[], datetime]
    worker: str  # identifies this process

    def attributes(self, signal: Signal | None) -> dict[str, object]:
        """Of a claim to evaluate an incident by the signal. Without one, other signals are retried."""
        until = self._seconds() + CLAIM_SECONDS
        return {
            "claimedBy": self.worker,
            "claimedUntil": until,
            "claimReading": int(signal.error_class if signal else ErrorClass.UNRELATED),
            "timer": FOLLOW_UP,
            "dueAt": until + 1,
        }

    def claim(
        self, ref: IncidentRef, signal: Signal | None, changes: Mapping[str, object] | None = None
    ) -> dict[str, Any] | None:
        """Applies the changes with it. None if another worker holds the claim, or the incident is closed."""
        attributes = self.attributes(signal) | dict(changes or {})
        return self._claim(ref, attributes, "#state = :open", {":open": "open"})

    def claim_due(self, ref: IncidentRef) -> dict[str, Any] | None:
        attributes = self.attributes(None) | {"dueAt": self._seconds() + _RETRY_SECONDS}
        timers = {":followUp": FOLLOW_UP, ":pending": PENDING_MESSAGES}
        return self._claim(ref, attributes, "#timer IN (:followUp, :pending) AND #dueAt <= :now", timers)

    def write_as_holder(
        self, incident: Incident, attributes: Mapping[str, object], removed: str = ""
    ) -> None:
        """Does nothing if another worker holds the claim."""
        with aws_errors(OPERATION, permanent=PERMANENT_ERRORS):
            self.table.update(
                item_key(incident.ref),
                f"SET {assignments(attributes)}{removed}",
                condition="claimedBy = :worker",
                values=values(attributes) | {":worker": self.worker},
                names=names(attributes),
            )

    def close(self, incident: Incident, *, resolved: bool) -> bool:
        """Only by the holder, and only if no call has failed since the incident was read."""
        quiet: dict[str, object] = {":now": self._seconds()}
        unchanged: dict[str, object] = {":seen": iso(incident.last_seen), ":count": incident.count}
        condition = "lastSeen = :seen AND #count = :count" if resolved else "openUntil <= :now"
        with aws_errors(OPERATION):
            closed = self.table.update(
                item_key(incident.ref),
                "SET #state = :closed",
                condition=f"#state = :open AND claimedBy = :worker AND {condition}",
                values={":closed": "closed", ":open": "open", ":worker": self.worker}
                | (unchanged if resolved else quiet),
                names={"#state": "state"} | ({"#count": "count"} if resolved else {}),
            )
        return closed is not None

    def _claim(
        self, ref: IncidentRef, attributes: Mapping[str, object], condition: str, known: Mapping[str, object]
    ) -> dict[str, Any] | None:
        with aws_errors(OPERATION, permanent=PERMANENT_ERRORS):
            return self.table.claim(
                item_key(ref),
                attributes,
                now=self._seconds(),
                seconds=CLAIM_SECONDS,
                condition=condition,
                condition_values=known,
            )

    def _seconds(self) -> int:
        return int(self.clock().timestamp())


def item_key(ref: IncidentRef) -> dict[str, str]:
    return {"accessKeyId": ref.key, "openedAt": ref.opened_at}
