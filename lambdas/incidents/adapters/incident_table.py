"""The incident table: every transition is a conditional write, so that a repeated or concurrent
delivery changes nothing but the count.

Opening takes a short lease in the same transaction, because two workers that both find no open
incident would otherwise each open one, and alert twice. Deciding takes a claim on the incident, which
lapses after the function's timeout, so that a worker that died is succeeded by the next delivery.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.dynamodb import ItemTable, assignments, is_lost_race, names, to_attributes, values
from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.aws.domain.times import iso
from lambdas.errors import BusyError
from lambdas.incidents.adapters.delivery_items import at_epoch, outbox_attribute, reactivated_attribute
from lambdas.incidents.adapters.incident_growth import growth
from lambdas.incidents.adapters.incident_items import (
    finding_attributes,
    incident_attributes,
    incident_of,
    new_item,
)
from lambdas.incidents.domain.due_incident import DueIncident
from lambdas.incidents.domain.incident import IncidentRef, Reactivation, RecordedSignals, TriageState
from lambdas.incidents.domain.reevaluation import signal_to_evaluate, was_changed_since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime, timedelta

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from lambdas.detection.domain.signal import Signal
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.incident import Incident
    from lambdas.incidents.domain.settlement import IncidentUpdate
    from lambdas.ledger.domain.key_state_change import KeyStateChange

CLAIM_SECONDS = 45  # longer than the function may run, shorter than the queue's visibility timeout
DUE_INDEX = "DueIndex"
_TIMER = "due"
_UNSENT = "unsent"  # the timer instead, while something waits in the outbox
_TIMERS = (_UNSENT, _TIMER, "recheck")  # the last is of incidents that an earlier version judged
_TRY_AGAIN_SECONDS = 300  # what fails in a round of the timer goes behind the others
_CLOSING_SECONDS = 24 * 60 * 60
_REMEMBERED = 1000
_NEVER_RIGHT = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
_UNCLAIMED = "attribute_not_exists(claimedUntil) OR claimedUntil < :now"


class DynamoIncidents:
    """`worker` tells this worker's claims from others'. An incident that was `quiet` for so long is over,
    one that was only foreseen after `foresight`; it is kept for `retention`. While warm the worker remembers
    when the incidents it met were opened, which saves the query for a repeat; the write's condition
    settles whether that still holds.
    """

    def __init__(  # noqa: PLR0913 -- all by name, wired in one place
        self,
        client: Callable[[], DynamoDBClient],
        *,
        incident_table: str,
        lease_table: str,
        quiet: timedelta,
        foresight: timedelta,
        retention: timedelta,
        clock: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._client = client
        self._incidents = ItemTable(client, incident_table)
        self._leases = ItemTable(client, lease_table)
        self._quiet = quiet
        self._foresight = foresight
        self._retention = retention
        self._clock = clock
        self._worker = worker
        self._remembered: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def note(self, sightings: SignalGroup) -> RecordedSignals:
        """Raises BusyError when another worker is deciding on less telling signals than these."""
        with aws_errors("dynamodb:incidents", permanent=_NEVER_RIGHT):
            counted = self._count_remembered(sightings)
            if counted is None:
                newest = self._incidents.newest("accessKeyId", sightings.key)
                counted = self._count(sightings, newest) if newest else None
                opened = self._open(sightings, newest) if counted is None else None
                if opened is not None:
                    return RecordedSignals(incident=incident_of(opened), signal=sightings.signal)
            item = self._with_whats_new(counted or self._count_opened_by_another(sightings), sightings)
            signal = signal_to_evaluate(incident_of(item), sightings, self._clock())
            claimed = self._claimed_to_judge(item, signal) if signal else None
            return RecordedSignals(incident=incident_of(claimed or item), signal=signal if claimed else None)

    def attend(self, change: KeyStateChange) -> Incident | None:
        """Raises BusyError when another worker is at the incident."""
        with aws_errors("dynamodb:incidents"):
            item = self._incidents.newest("accessKeyId", change.access_key_id)
            if item is None or item["state"] != "open":
                return None
            incident = incident_of(item)
            if incident.attention is not TriageState.PENDING and not self._concerns(incident, change):
                return None
            claimed = self._claim(incident.ref, incident.signal, self._remembering(incident, change))
        if claimed is None:
            raise BusyError("another worker is at the incident of a key that was changed")
        return incident_of(claimed)

    def claim(self, ref: IncidentRef) -> Incident | None:
        with aws_errors("dynamodb:incidents"):
            item = self._claim(ref, None, {})
        return incident_of(item) if item else None

    def due(self) -> Iterator[DueIncident]:
        with aws_errors("dynamodb:incidents"):
            for timer in _TIMERS:
                for key in self._incidents.due(DUE_INDEX, timer, self._seconds()):
                    ref = IncidentRef(key=key["accessKeyId"], opened_at=key["openedAt"])
                    yield DueIncident(ref=ref, since=at_epoch(key["dueAt"]))

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        claim = self._claim_of(None) | {"timer": _TIMER, "dueAt": self._seconds() + _TRY_AGAIN_SECONDS}
        timers = {f":timer{number}": timer for number, timer in enumerate(_TIMERS)}
        with aws_errors("dynamodb:incidents"):
            item = self._incidents.update(
                _key(ref.key, ref.opened_at),
                f"SET {assignments(claim)}",
                condition=f"#timer IN ({', '.join(timers)}) AND #dueAt <= :now AND ({_UNCLAIMED})",
                values=values(claim) | timers | {":now": self._seconds()},
                names=names(claim),
            )
        return incident_of(item) if item else None

    def close(self, incident: Incident, *, mended: bool = False) -> bool:
        unchanged = "lastSeen = :seen AND #count = :count" if mended else "openUntil <= :now"
        known: dict[str, object] = {":seen": iso(incident.last_seen), ":count": incident.count}
        with aws_errors("dynamodb:incidents"):
            closed = self._incidents.update(
                _key(incident.key, incident.opened_at),
                "SET #state = :closed",
                condition=f"#state = :open AND claimedBy = :worker AND {unchanged}",
                values={":closed": "closed", ":open": "open", ":worker": self._worker}
                | (known if mended else {":now": self._seconds()}),
                names={"#state": "state"} | ({"#count": "count"} if mended else {}),
            )
        self._remembered.pop(incident.key, None)
        return closed is not None

    def record_sent(self, incident: Incident) -> None:
        sent = {"outbox": outbox_attribute(incident.outbox), "alertsSent": incident.alerts_sent}
        self._write_as_holder(incident, sent)

    def check(self, settlement: IncidentUpdate) -> None:
        attributes, _ = self._settled(settlement)
        to_attributes(attributes)

    def settle(self, settlement: IncidentUpdate) -> None:
        attributes, removed = self._settled(settlement)
        self._write_as_holder(settlement.incident, attributes, f" REMOVE {removed}")

    def _settled(self, settlement: IncidentUpdate) -> tuple[dict[str, object], str]:
        """What to set, and what to remove."""
        incident, finding = settlement.incident, settlement.finding
        attributes = incident_attributes(incident)
        if finding:
            attributes |= finding_attributes(finding)
            if (incident.foreseen or finding.incident.foreseen) and incident.open_until:
                until = math.ceil(incident.open_until.timestamp())
                attributes |= {"openUntil": until, "expiresAt": self._expiry(until)}
        removed = "claimedBy, claimedUntil, claimReading"
        if settlement.due_at is None:
            removed += ", timer, dueAt"
        else:
            timer = _TIMER if incident.outbox.is_empty else _UNSENT
            attributes |= {"timer": timer, "dueAt": math.ceil(settlement.due_at.timestamp())}
        return attributes, removed

    def _write_as_holder(
        self, incident: Incident, attributes: Mapping[str, object], removing: str = ""
    ) -> None:
        """Nothing, if another worker has taken over the claim."""
        with aws_errors("dynamodb:incidents", permanent=_NEVER_RIGHT):
            self._incidents.update(
                _key(incident.key, incident.opened_at),
                f"SET {assignments(attributes)}{removing}",
                condition="claimedBy = :worker",
                values=values(attributes) | {":worker": self._worker},
                names=names(attributes),
            )

    def _count_remembered(self, sightings: SignalGroup) -> dict[str, Any] | None:
        """None also when another worker has seen a later failure than these and any that is remembered."""
        remembered = self._remembered.get(sightings.key)
        return self._count(sightings, remembered, unless_seen_later=True) if remembered else None

    def _count(
        self, sightings: SignalGroup, known: Mapping[str, Any], *, unless_seen_later: bool = False
    ) -> dict[str, Any] | None:
        """None when the incident is no longer open, or has been quiet for so long that it is over. One of an
        earlier version may have no timer: it gets one.
        """
        last_seen = iso(sightings.last_seen)
        moves = sightings.count > 0 and last_seen > known["lastSeen"]
        item = self._incidents.update(
            _key(sightings.key, known["openedAt"]),
            "ADD #count :count SET openUntil = :until, expiresAt = :expires, "
            "timer = if_not_exists(timer, :timer), dueAt = if_not_exists(dueAt, :now)"
            + (", lastSeen = :last" if moves else ""),
            condition="#state = :open AND openUntil > :now"
            + (" AND lastSeen <= :last" if moves and unless_seen_later else ""),
            values=({":last": last_seen} if moves else {})
            | {
                ":count": sightings.count,
                ":now": self._seconds(),
                ":timer": _TIMER,
                ":until": (until := self._still_open_until(known)),
                ":expires": self._expiry(until),
                ":open": "open",
            },
            names={"#count": "count", "#state": "state"},
        )
        self._remember(sightings.key, item)
        return item

    def _count_opened_by_another(self, sightings: SignalGroup) -> dict[str, Any]:
        newest = self._incidents.newest("accessKeyId", sightings.key)
        counted = self._count(sightings, newest) if newest else None
        if counted is None:
            raise BusyError("another worker is opening the incident")
        return counted

    def _open(self, sightings: SignalGroup, previous: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """None when another worker has opened the incident in the meantime."""
        opened_at = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        until = self._open_until(sightings.signal)
        times = {"openUntil": until, "expiresAt": self._expiry(until)}
        item = new_item(sightings, opened_at) | self._claim_of(sightings.signal) | times | {"timer": _TIMER}
        try:
            self._client().transact_write_items(
                TransactItems=[
                    self._lease(sightings.key, previous),
                    self._incidents.put(item),
                    *([self._closing(previous)] if previous and previous["state"] == "open" else []),
                ]
            )
        except ClientError as error:
            if not is_lost_race(error):
                raise
            return None
        self._remember(sightings.key, item)
        return item

    def _lease(self, key: str, previous: Mapping[str, Any] | None) -> TransactWriteItemTypeDef:
        """Whoever found the same previous incident, or none, contends for the same lease."""
        name = f"open:{key}:{previous['openedAt'] if previous else '-'}"
        return self._leases.put(
            {"name": name, "expiresAt": self._seconds() + CLAIM_SECONDS},
            condition="attribute_not_exists(#name) OR expiresAt < :now",
            values={":now": self._seconds()},
            names={"#name": "name"},
        )

    def _closing(self, previous: Mapping[str, Any]) -> TransactWriteItemTypeDef:
        """The timer tells of it."""
        return self._incidents.transact_update(
            _key(previous["accessKeyId"], previous["openedAt"]),
            "SET #state = :closed, timer = :timer, dueAt = :now",
            condition="#state = :open",
            values={":closed": "closed", ":open": "open", ":timer": _TIMER, ":now": self._seconds()},
            names={"#state": "state"},
        )

    def _with_whats_new(self, item: dict[str, Any], sightings: SignalGroup) -> dict[str, Any]:
        grown = growth(item, sightings)
        if grown is None:
            return item
        updated = self._incidents.update(
            _key(sightings.key, item["openedAt"]),
            " ".join(grown.updates),
            condition=" AND ".join(grown.conditions),
            values=grown.values,
            names=grown.names,
        )
        return updated or item

    def _claimed_to_judge(self, item: Mapping[str, Any], signal: Signal) -> dict[str, Any] | None:
        """The item as it is by now: another worker may have told of it since it was counted. None where the
        incident is left to another worker.
        """
        ref = IncidentRef(key=item["accessKeyId"], opened_at=item["openedAt"])
        if item.get("claimedUntil", 0) < self._seconds():
            if claimed := self._claim(ref, signal, {}):
                return claimed
            item = self._incidents.get(_key(ref.key, ref.opened_at), consistent=True)  # another was faster
        self._leave_to_the_holder(item, signal)
        return None

    def _leave_to_the_holder(self, item: Mapping[str, Any], signal: Signal) -> None:
        """What the holder decides covers these signals unless they tell more than its own: then they come
        again, counted twice. If it suppresses without having seen their callers, the timer judges anew, as
        there are failures that were not judged.
        """
        if signal.error_class > item.get("claimReading", ErrorClass.UNRELATED):
            raise BusyError("another worker is deciding on less telling signals of the key")

    def _claim(
        self, ref: IncidentRef, signal: Signal | None, changes: Mapping[str, object]
    ) -> dict[str, Any] | None:
        """None when another worker has it, or the incident is over."""
        claim = self._claim_of(signal) | {"timer": _TIMER, **changes}
        return self._incidents.update(
            _key(ref.key, ref.opened_at),
            f"SET {assignments(claim)}",
            condition=f"#state = :open AND ({_UNCLAIMED})",
            values=values(claim) | {":now": self._seconds(), ":open": "open"},
            names=names(claim) | {"#state": "state"},
        )

    def _claim_of(self, signal: Signal | None) -> dict[str, object]:
        """Without a signal the holder judges nothing that another could have to tell more about. A worker
        that dies is succeeded by the timer, when its claim has lapsed.
        """
        until = self._seconds() + CLAIM_SECONDS
        return {
            "claimedBy": self._worker,
            "claimedUntil": until,
            "claimReading": int(signal.error_class if signal else ErrorClass.UNRELATED),
            "dueAt": until + 1,
        }

    def _concerns(self, incident: Incident, change: KeyStateChange) -> bool:
        is_reactivation = change.event_name == UPDATE_KEY
        return was_changed_since(incident, change) and (is_reactivation or not incident.foreseen)

    def _remembering(self, incident: Incident, change: KeyStateChange) -> dict[str, object]:
        """Whoever switched the key on again. Of what was foreseen there is no more to wait for then."""
        if change.event_name != UPDATE_KEY:
            return {}
        on: dict[str, object] = {
            "reactivated": reactivated_attribute(Reactivation(at=change.at, by=change.by))
        }
        if incident.foreseen:
            on["openUntil"] = self._seconds() + int(self._quiet.total_seconds())
        return on

    def _remember(self, key: str, item: Mapping[str, Any] | None) -> None:
        self._remembered.pop(key, None)
        if item is not None and not item.get("foreseen"):  # another worker may be shortening its wait
            self._remembered[key] = {name: item[name] for name in ("openedAt", "lastSeen", "openUntil")}
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _seconds(self) -> int:
        return int(self._clock().timestamp())

    def _open_until(self, signal: Signal) -> int:
        """Failures that were foreseen may take as long as it is between two uses of the key."""
        wait = max(self._quiet, self._foresight) if signal.predicted_outage else self._quiet
        return self._seconds() + int(wait.total_seconds())

    def _still_open_until(self, known: Mapping[str, Any]) -> int:
        """What was foreseen is waited for all the same; a prediction of what has failed adds nothing."""
        until = self._seconds() + int(self._quiet.total_seconds())
        return max(until, int(known["openUntil"])) if known.get("foreseen") else until

    def _expiry(self, open_until: int) -> int:
        """Not before its closing was told, which the timer may be late with."""
        return max(self._seconds() + int(self._retention.total_seconds()), open_until + _CLOSING_SECONDS)


def _key(access_key_id: str, opened_at: str) -> dict[str, str]:
    return {"accessKeyId": access_key_id, "openedAt": opened_at}
