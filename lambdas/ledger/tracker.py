"""Tracks recorded changes of keys and users in the ledger, and reports what they mean for incidents.

The deactivation or deletion of a key in use is reported as a predicted outage, so that its users are warned
before their first call fails. So is a quarantine of a user, for each of its keys, and a
key that AWS Health reports as exposed. Other changes are reported for incidents that may be open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.aws.domain.exposure import AWS_HEALTH, Exposure
from lambdas.aws.domain.iam import ListedKey, Resolved, find_key
from lambdas.aws.domain.iam_events import DELETE_KEY, DELETE_USER, UPDATE_KEY, USER_EVENTS, IamEvent
from lambdas.aws.domain.principals import acted_as
from lambdas.aws.ports import Keys
from lambdas.ledger.domain.enrolment_tags import SECRET_TAG, name_enrolment
from lambdas.ledger.domain.iam_event_entries import key_entry, user_entry
from lambdas.ledger.domain.iam_listing import described_user, resolved_status, resolved_tags
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.key_state_change import KeyStateChange, to_state_change, was_in_use
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.status_history import was_inactive_before
from lambdas.ledger.last_use import update_last_use
from lambdas.ledger.ports import EnrolmentQueue, Ledger, SignalQueue
from lambdas.ledger.renames import find_current_name, move_keys


@dataclass(kw_only=True, eq=False, repr=False)
class Tracker:
    ledger: Ledger
    iam: Keys
    signals: SignalQueue
    enrolments: EnrolmentQueue
    window: timedelta  # a key that was used within this time is in use
    clock: Callable[[], datetime]
    own_roles: tuple[str, ...]  # their changes are announced by notifications, and not reported here
    # Whether a rotation explains what an own role did to the key of the user with that id. If none does, some
    # principal else uses the role, and the change is reported like any other.
    explains: Callable[[IamEvent, KeyEntry, str], bool]

    def track(self, event: IamEvent) -> None:
        """May be repeated: the ledger stays the same, and a repeated report has no effect."""
        if event.is_quarantine:
            self._report_quarantine(event)
        elif event.event_name in USER_EVENTS:
            self._track_user(event)
        else:
            self._track_key(event)

    def _report_quarantine(self, event: IamEvent) -> None:
        """The record does not say which key AWS found."""
        name = find_current_name(self.ledger, Observed(value=event.user_name, at=event.at, by=event.by)).value
        for key in self.iam.list_keys(name) or ():
            change = KeyStateChange(
                access_key_id=key.access_key_id,
                event_name=event.event_name,
                at=event.at,
                by=event.by,
                user_name=name,
            )
            self.signals.report_leak(change)

    def track_exposure(self, exposure: Exposure) -> None:
        """Recorded only of a key that the ledger or IAM knows. The signal is sent anyway: `remediate` finds
        out whether IAM does not know the key, or does not answer.
        """
        key_id, at = exposure.access_key_id, exposure.at
        entry = self.ledger.key(key_id)
        owner = entry.owner if entry else self._owner_of(key_id)
        if owner:
            name = None if entry else Observed(value=owner, at=at)
            self.ledger.merge_key(KeyEntry(access_key_id=key_id, owner_name=name, exposed_at=at))
        change = KeyStateChange(
            access_key_id=key_id, event_name=exposure.event_type, at=at, by=AWS_HEALTH, user_name=owner
        )
        self.signals.report_leak(change)

    def _track_key(self, event: IamEvent) -> None:
        owner = Observed(value=event.user_name, at=event.at, by=event.by)
        entry = self.ledger.merge_key(key_entry(event, find_current_name(self.ledger, owner)))
        if entry.has_conflict:
            entry = self._resolve_conflict(entry)
        if not (event.stops_keys or event.event_name == UPDATE_KEY) or self._is_own(event, entry):
            return
        if event.stops_keys:
            self._report_end(event, entry)
        else:
            self.signals.report_change(to_state_change(event, entry))

    def _is_own(self, event: IamEvent, entry: KeyEntry) -> bool:
        is_own_role = any(acted_as(event.by, role) for role in self.own_roles)
        return is_own_role and self.explains(event, entry, self._owner_id(entry))

    def _owner_id(self, entry: KeyEntry) -> str:
        """Empty if neither the ledger nor IAM knows the user."""
        if entry.owner_id:
            return entry.owner_id
        known = self.ledger.user(entry.owner)
        if known and known.user_id:
            return known.user_id.value
        described = self.iam.describe(entry.owner)
        return described.user_id if described else ""

    def _track_user(self, event: IamEvent) -> None:
        if name_enrolment(event.tags):
            self._request_enrolment(event)
        entry = self.ledger.merge_user(user_entry(event))
        if entry.has_conflict and (described := self.iam.describe(entry.name)):
            self.ledger.merge_user(resolved_tags(entry, described))
        if event.new_name:
            self._rename(event)
        if event.event_name == DELETE_USER:
            for key in self.ledger.recent_keys(event.user_name):
                self._report_end(event, key)

    def _request_enrolment(self, event: IamEvent) -> None:
        """Must run before the new tags are merged, while the ledger has the formerly claimed secret."""
        known = self.ledger.user(event.user_name)
        previous = known.current_tags.get(SECRET_TAG, "") if known else ""
        self.enrolments.process_soon(event.user_name, previous, event.by)

    def _rename(self, event: IamEvent) -> None:
        """Moves the keys to the new name, and reads the user's id and tags under it."""
        renaming = Observed(value=event.new_name, at=event.at, by=event.by)
        move_keys(self.ledger, event.user_name, renaming)
        if described := self.iam.describe(event.new_name):
            self.ledger.merge_user(described_user(described, event.at))
            if name_enrolment(described.tags):  # the rotation state has the former name
                self.enrolments.process_soon(described.name)

    def _resolve_conflict(self, entry: KeyEntry) -> KeyEntry:
        """Asks IAM if records of one second contradict each other. A key that IAM does not list was deleted,
        which has a record of its own.
        """
        listed = self._listed(entry.access_key_id, entry.owner)
        if listed is None:  # the owner may have been renamed, and the record not have arrived yet
            owner = self._owner_of(entry.access_key_id)
            listed = self._listed(entry.access_key_id, owner) if owner else None
        return self.ledger.merge_key(resolved_status(entry, listed)) if listed else entry

    def _owner_of(self, access_key_id: str) -> str:
        answer = self.iam.look_up(access_key_id)
        return answer.user_name if isinstance(answer, Resolved) else ""

    def _listed(self, access_key_id: str, user_name: str) -> ListedKey | None:
        return find_key(access_key_id, self.iam.list_keys(user_name))

    def _report_end(self, event: IamEvent, entry: KeyEntry) -> None:
        if event.event_name == UPDATE_KEY:
            entry = update_last_use(self.iam, self.ledger, entry, self.clock())
            if was_inactive_before(entry, event.at):
                return
        if was_in_use(entry, event.at, self.window):
            self.signals.report_predicted_outage(to_state_change(event, entry))
        elif event.event_name == DELETE_KEY:
            self.signals.report_change(to_state_change(event, entry))
