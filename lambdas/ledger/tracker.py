"""Track: a record of a key's or user's life goes into the ledger; a key that was switched off while it was
in use becomes a signal of its own, so that its users are warned before their first failure. What else is done
to a key that may have an open incident is told to whoever looks after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import Resolved
from lambdas.aws.domain.iam_events import DELETE_KEY, DELETE_USER, UPDATE_KEY, USER_EVENTS
from lambdas.aws.domain.principals import acted_as
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG
from lambdas.ledger.domain.iam_event_entries import key_entry, user_entry
from lambdas.ledger.domain.iam_listing import described_user, settled_status, settled_tags
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.key_state_change import switch_off, was_in_use
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.last_use import last_use_of
from lambdas.ledger.renames import follow_renaming, present_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from lambdas.aws.domain.iam import ListedKey
    from lambdas.aws.domain.iam_events import IamEvent
    from lambdas.aws.ports import Keys
    from lambdas.ledger.ports import EnrolmentQueue, Ledger, SignalQueue


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """`window` is how recently a key must have been used to count as in use. What the `own_roles` do is
    announced by a notification, so it foretells no outage, and no incident is told of it.
    """

    ledger: Ledger
    iam: Keys
    signals: SignalQueue
    enrolments: EnrolmentQueue
    window: timedelta
    clock: Callable[[], datetime]
    own_roles: tuple[str, ...] = ()

    def track(self, event: IamEvent) -> None:
        """May be repeated: the ledger stays as it is, the signal meets an incident that was told, and a claim
        is looked at once more.
        """
        if event.event_name in USER_EVENTS:
            self._track_user(event)
        else:
            self._track_key(event)

    def _track_key(self, event: IamEvent) -> None:
        owner = Observed(value=event.user_name, at=event.at, by=event.by)
        entry = self.ledger.merge_key(key_entry(event, present_name(self.ledger, owner)))
        if entry.is_unsettled:
            entry = self._settled(entry)
        if any(acted_as(event.by, role) for role in self.own_roles):
            return
        if event.switches_off:
            self._foretell(event, entry)
        elif event.event_name == UPDATE_KEY:
            self.signals.report_change(switch_off(event, entry))

    def _track_user(self, event: IamEvent) -> None:
        if event.tags.keys() & {SECRET_TAG, MODE_TAG}:
            self._have_looked_at(event.user_name)
        entry = self.ledger.merge_user(user_entry(event))
        if entry.is_unsettled and (described := self.iam.describe(entry.name)):
            self.ledger.merge_user(settled_tags(entry, described))
        if event.new_name:
            self._rename(event)
        if event.event_name == DELETE_USER:
            for key in self.ledger.of_owner(event.user_name).keys:
                self._foretell(event, key)

    def _have_looked_at(self, user_name: str) -> None:
        """Before the ledger forgets which secret the user has claimed until now."""
        known = self.ledger.user(user_name)
        self.enrolments.look_at(user_name, known.present_tags.get(SECRET_TAG, "") if known else "")

    def _rename(self, event: IamEvent) -> None:
        """The keys follow their user, whose id and tags IAM tells under the new name."""
        follow_renaming(
            self.ledger, event.user_name, Observed(value=event.new_name, at=event.at, by=event.by)
        )
        if described := self.iam.describe(event.new_name):
            self.ledger.merge_user(described_user(described, event.at))
            if described.tags.keys() & {SECRET_TAG, MODE_TAG}:  # its secret's state has its former name
                self.enrolments.look_at(described.name)

    def _settled(self, entry: KeyEntry) -> KeyEntry:
        """Records of one second contradict each other. A key that IAM does not list has its own record."""
        listed = self._listed(entry.access_key_id, entry.owner)
        if listed is None:  # its owner may have been renamed, which no record has told yet
            answer = self.iam.look_up(entry.access_key_id)
            owner = answer.user_name if isinstance(answer, Resolved) else ""
            listed = self._listed(entry.access_key_id, owner) if owner else None
        return self.ledger.merge_key(settled_status(entry, listed)) if listed else entry

    def _listed(self, access_key_id: str, user_name: str) -> ListedKey | None:
        listed = self.iam.list_keys(user_name) or ()
        return next((key for key in listed if key.access_key_id == access_key_id), None)

    def _foretell(self, event: IamEvent, entry: KeyEntry) -> None:
        if event.event_name == UPDATE_KEY:
            entry = self._with_last_use(entry)
        if was_in_use(entry, event.at, self.window):
            self.signals.report_predicted_outage(switch_off(event, entry))
        elif event.event_name == DELETE_KEY:
            self.signals.report_change(switch_off(event, entry))

    def _with_last_use(self, entry: KeyEntry) -> KeyEntry:
        """IAM tells it of keys that still exist; of others the ledger has what IAM said before."""
        use = last_use_of(self.iam, entry)
        asked = KeyEntry(access_key_id=entry.access_key_id, last_use=use, use_asked_at=self.clock())
        return self.ledger.merge_key(asked)
