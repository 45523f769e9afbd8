"""Claims on incidents: one worker at a time evaluates and reports an incident.

A claim expires after the function's timeout, so that the next delivery, or the timer, takes over from a
worker that crashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable, assignments, names, values
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.times import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from lambdas.detection.domain.signal import Signal
    from lambdas.incidents.domain.incident import Incident, IncidentRef

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
FOLLOW_UP = "due"  # a value of `timer`, the partition key of the index of due incidents
PENDING_MESSAGES = "pending"  # the other value, while messages wait in the outbox
OPERATION = "dynamodb:incidents"
# Errors that no retry resolves: the item is too large, for example.
PERMANENT_ERRORS = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
_RETRY_SECONDS = 300  # a failed incident is retried after the others


class IncidentClaims:
    def __init__(self, table: ItemTable, *, clock: Callable[[], datetime], worker: str) -> None:
        """`worker` identifies this process."""
        self._table = table
        self._clock = clock
        self._worker = worker

    def attributes(self, signal: Signal | None) -> dict[str, object]:
        """Of a claim to evaluate an incident by the signal. Without one, the claim lets any signal wait."""
        until = int(self._clock().timestamp()) + CLAIM_SECONDS
        return {
            "claimedBy": self._worker,
            "claimedUntil": until,
            "claimReading": int(signal.error_class if signal else ErrorClass.UNRELATED),
            "timer": FOLLOW_UP,
            "dueAt": until + 1,
        }

    def claim(
        self, ref: IncidentRef, signal: Signal | None, changes: Mapping[str, object] | None = None
    ) -> dict[str, Any] | None:
        """Applies the changes with it. None if another worker holds the claim, or the incident is closed."""
        claim = self.attributes(signal) | dict(changes or {})
        return self._claim(ref, claim, "#state = :open", {":open": "open"})

    def claim_due(self, ref: IncidentRef) -> dict[str, Any] | None:
        now = int(self._clock().timestamp())
        claim = self.attributes(None) | {"dueAt": now + _RETRY_SECONDS}
        timers = {":followUp": FOLLOW_UP, ":pending": PENDING_MESSAGES}
        return self._claim(ref, claim, f"#timer IN ({', '.join(timers)}) AND #dueAt <= :now", timers)

    def write_as_holder(
        self, incident: Incident, attributes: Mapping[str, object], removed: str = ""
    ) -> None:
        """Does nothing if another worker holds the claim."""
        with aws_errors(OPERATION, permanent=PERMANENT_ERRORS):
            self._table.update(
                item_key(incident.ref),
                f"SET {assignments(attributes)}{removed}",
                condition="claimedBy = :worker",
                values=values(attributes) | {":worker": self._worker},
                names=names(attributes),
            )

    def close(self, incident: Incident, *, resolved: bool) -> bool:
        """Only by the holder, and only if no call has failed since the incident was read."""
        now = int(self._clock().timestamp())
        quiet: dict[str, object] = {":now": now}
        unchanged: dict[str, object] = {":seen": iso(incident.last_seen), ":count": incident.count}
        condition = "lastSeen = :seen AND #count = :count" if resolved else "openUntil <= :now"
        with aws_errors(OPERATION):
            closed = self._table.update(
                item_key(incident.ref),
                "SET #state = :closed",
                condition=f"#state = :open AND claimedBy = :worker AND {condition}",
                values={":closed": "closed", ":open": "open", ":worker": self._worker}
                | (unchanged if resolved else quiet),
                names={"#state": "state"} | ({"#count": "count"} if resolved else {}),
            )
        return closed is not None

    def _claim(
        self,
        ref: IncidentRef,
        claim: Mapping[str, object],
        condition: str,
        condition_values: Mapping[str, object],
    ) -> dict[str, Any] | None:
        with aws_errors(OPERATION):
            return self._table.claim(
                item_key(ref),
                claim,
                now=int(self._clock().timestamp()),
                seconds=CLAIM_SECONDS,
                condition=condition,
                condition_values=condition_values,
            )


def item_key(ref: IncidentRef) -> dict[str, str]:
    return {"accessKeyId": ref.key, "openedAt": ref.opened_at}
