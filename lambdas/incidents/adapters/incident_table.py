"""The incident table: every transition is a conditional write, so that a repeated or concurrent delivery
changes nothing but the count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable, to_attributes
from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.codec import to_plain
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.errors import BusyError
from lambdas.incidents.adapters.incident_claims import (
    FOLLOW_UP,
    OPERATION,
    PENDING_MESSAGES,
    IncidentClaims,
)
from lambdas.incidents.adapters.incident_items import (
    finding_attributes,
    incident_attributes,
    outbox_attribute,
    to_incident,
)
from lambdas.incidents.adapters.incident_recorder import IncidentRecorder, Lifetime
from lambdas.incidents.domain.finding import IncidentUpdate
from lambdas.incidents.domain.incident import (
    DueIncident,
    Incident,
    IncidentRef,
    Reactivation,
    RecordedSignals,
    TriageState,
)
from lambdas.incidents.domain.reevaluation import was_changed_since
from lambdas.ledger.domain.key_state_change import KeyStateChange

DUE_INDEX = "DueIndex"
_READERS = 8  # fewer than the connections of a client


class DynamoIncidents:
    def __init__(  # noqa: PLR0913 -- all by name, wired in one place
        self,
        clients: Clients,
        *,
        incident_table: str,
        lease_table: str,
        quiet: timedelta,
        prediction_window: timedelta,
        retention: timedelta,
        clock: Callable[[], datetime],
        worker: str,
    ) -> None:
        """`worker` identifies this process among those that claim incidents."""
        self._table = ItemTable(clients, incident_table)
        self._clock = clock
        self._lifetime = Lifetime(quiet=quiet, prediction_window=prediction_window, retention=retention)
        self._claims = IncidentClaims(table=self._table, clock=clock, worker=worker)
        self._recorder = IncidentRecorder(
            clients=clients,
            incidents=self._table,
            leases=ItemTable(clients, lease_table),
            claims=self._claims,
            lifetime=self._lifetime,
            clock=clock,
        )

    def record(self, group: SignalGroup) -> RecordedSignals:
        return self._recorder.record(group)

    def remembers(self, key: str) -> bool:
        return self._recorder.remembers(key)

    def open_keys(self, keys: Collection[str]) -> frozenset[str]:
        """Reads several at a time, because in a flood of ids a batch has a hundred."""
        with ThreadPoolExecutor(_READERS) as readers:
            return self._recorder.are_open(keys, readers)

    def claim_for_key_change(self, change: KeyStateChange) -> Incident | None:
        with aws_errors(OPERATION):
            item = self._table.newest("accessKeyId", change.access_key_id)
        if item is None or item["state"] != "open":
            return None
        incident = to_incident(item)
        if incident.triage is not TriageState.PENDING and not was_changed_since(incident, change):
            return None
        claimed = self._claims.claim(incident.ref, incident.signal, self._changed_by(change, incident))
        if claimed is None:
            raise BusyError("another worker holds the claim on the incident of the changed key")
        return to_incident(claimed)

    def claim(self, ref: IncidentRef) -> Incident | None:
        item = self._claims.claim(ref, None)
        return to_incident(item) if item else None

    def due(self) -> Iterator[DueIncident]:
        with aws_errors(OPERATION):
            for timer in (PENDING_MESSAGES, FOLLOW_UP):
                for key in self._table.due(DUE_INDEX, timer, self._seconds()):
                    ref = IncidentRef(key=key["accessKeyId"], opened_at=key["openedAt"])
                    yield DueIncident(ref=ref, since=datetime.fromtimestamp(int(key["dueAt"]), tz=UTC))

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        item = self._claims.claim_due(ref)
        return to_incident(item) if item else None

    def close(self, incident: Incident, *, resolved: bool = False) -> bool:
        self._recorder.forget(incident.key)
        return self._claims.close(incident, resolved=resolved)

    def record_sent(self, incident: Incident) -> None:
        sent = {"outbox": outbox_attribute(incident.outbox), "alertsSent": incident.alerts_sent}
        self._claims.write_as_holder(incident, sent)

    def check(self, update: IncidentUpdate) -> None:
        to_attributes(self._attributes(update))

    def save_and_release(self, update: IncidentUpdate) -> None:
        timer = "" if update.due_at else ", timer, dueAt"
        removed = f" REMOVE claimedBy, claimedUntil, claimReading{timer}"
        self._claims.write_as_holder(update.incident, self._attributes(update), removed)

    def _attributes(self, update: IncidentUpdate) -> dict[str, object]:
        incident, finding = update.incident, update.finding
        attributes = incident_attributes(incident)
        if finding and incident.latest:
            attributes |= finding_attributes(finding, incident.latest)
            is_or_was_predicted = incident.awaits_first_failure or finding.incident.awaits_first_failure
            if is_or_was_predicted and incident.open_until:
                until = math.ceil(incident.open_until.timestamp())
                expires_at = self._lifetime.expires_at(self._seconds(), until)
                attributes |= {"openUntil": until, "expiresAt": expires_at}
        if incident.exposes_secret and not incident.closed:
            now = self._seconds()
            attributes |= {"expiresAt": self._lifetime.expires_at(now, now)}
        if update.due_at:
            timer = FOLLOW_UP if incident.outbox.is_empty else PENDING_MESSAGES
            attributes |= {"timer": timer, "dueAt": math.ceil(update.due_at.timestamp())}
        return attributes

    def _changed_by(self, change: KeyStateChange, incident: Incident) -> dict[str, object]:
        """Who reactivated the key. That shortens the wait: the predicted outage will not happen."""
        if change.event_name != UPDATE_KEY:
            return {}
        reactivated: dict[str, object] = {"reactivated": to_plain(Reactivation(at=change.at, by=change.by))}
        if incident.awaits_first_failure:
            until = self._lifetime.open_until(self._seconds(), is_predicted=False)
            reactivated["openUntil"] = until
        return reactivated

    def _seconds(self) -> int:
        return int(self._clock().timestamp())
