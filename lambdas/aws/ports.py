"""What the pipeline needs of the world; adapters/ answers with AWS, tests with fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from lambdas.alerting.domain.alert import Alert
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.detection.domain.signal_group import Sightings
    from lambdas.diagnosis.domain.evidence import Issue, KeyChange, LastUse, ListedKey, Owner, Usage
    from lambdas.incidents.domain.due_incident import DueIncident
    from lambdas.incidents.domain.incident import Incident, IncidentRef, Noted
    from lambdas.incidents.domain.outbox import Channel
    from lambdas.incidents.domain.settlement import Settlement
    from lambdas.ledger.domain.iam_listing import ListedUser
    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.key_state_change import SwitchOff
    from lambdas.ledger.domain.owner_record import OwnerFile
    from lambdas.ledger.domain.sync_run import SyncRun
    from lambdas.ledger.domain.user_entry import UserEntry


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """IAM names a user for the key; the key itself may be gone all the same."""

    user_name: str
    last_use: LastUse | None


@dataclass(frozen=True)
class Unresolved:
    """IAM names nobody; it may do so with AccessDenied, the answer it also gives to a caller without
    the permission (aws-facts 4.4).
    """


class Keys(Protocol):
    """Every method raises TransientError when IAM does not answer or a permission is missing."""

    def look_up(self, access_key_id: str) -> Resolved | Unresolved: ...

    def keys_of(self, user_name: str) -> tuple[ListedKey, ...] | None:
        """All keys of the user, or None when IAM says that there is no such user."""
        ...

    def describe(self, user_name: str) -> ListedUser | None:
        """The user with its tags, or None when IAM says that there is no such user."""
        ...


class Iam(Keys, Protocol):
    def owner(self, user_name: str) -> Owner: ...

    def quarantine_policy_of(self, user_name: str) -> str:
        """The name of the attached policy by which AWS marks a leaked key; empty if there is none."""
        ...

    def holder_exists(self, holder: str) -> bool:
        """`holder` is the end of an ARN, `role/path/name` or `user/path/name`; of any other kind of
        holder IAM cannot tell, and it counts as existing.
        """
        ...

    def check_witness(self) -> None:
        """Raises TransientError if a witness is remembered and look-ups no longer work."""
        ...

    def confirm_look_up_works(self, candidates: Collection[str]) -> str:
        """A key that exists; empty where a complete listing says that no user has any. Raises
        TransientError unless a key that is known to exist resolves: only then does Unresolved mean
        that a key is not of this account. `candidates` are keys just seen listed.
        """
        ...


class TrailHistory(Protocol):
    """Every method raises TransientError when the history cannot be read."""

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]: ...

    def usage_of(self, access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:
        """Who made good calls with the key lately, the most calls first, as far as the histories of
        these regions tell: they leave out data events.
        """
        ...

    def issue_of(self, access_key_id: str) -> Issue | None:
        """The call that issued a temporary credential, if the history still has it."""
        ...


class Accounts(Protocol):
    def account_of(self, access_key_id: str, witness: str) -> str:
        """The account that STS names for the id, empty where it names none. Raises TransientError if
        it names none for `witness` either, a key that exists: then a permission may be missing.
        """
        ...


class Incidents(Protocol):
    def note(self, sightings: Sightings) -> Noted:
        """Counts the sightings on the key's open incident, or opens one, and claims it if it is to be
        judged. One write for an incident that has been told already.
        """
        ...

    def attend(self, change: SwitchOff) -> Incident | None:
        """Claims the key's open incident of which people were told before this change; None where there is
        none. Remembers a reactivation with it.
        """
        ...

    def claim(self, ref: IncidentRef) -> Incident | None:
        """None when another worker is at it, or it is over."""
        ...

    def due(self) -> Iterator[DueIncident]:
        """The incidents whose time has come: first those with something unsent, then the others; of each
        kind what is due longest first.
        """
        ...

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        """None when the incident is no longer due, or another worker is at it. It is due again later, unless
        it is settled.
        """
        ...

    def close(self, incident: Incident, *, mended: bool = False) -> bool:
        """Ends a claimed incident that is over, or whose failure is `mended`; False when a call has failed
        meanwhile.
        """
        ...

    def record_sent(self, incident: Incident) -> None:
        """Records how much of a claimed incident's outbox is sent, and keeps the claim."""
        ...

    def check(self, settlement: Settlement) -> None:
        """Raises what `settle` would raise before it writes, and writes nothing."""
        ...

    def settle(self, settlement: Settlement) -> None:
        """Records what was found and told, and gives up the claim; does nothing if another holds it."""
        ...


class Exemptions(Protocol):
    """Every method raises TransientError when the exemptions cannot be read or written."""

    def every(self) -> tuple[Exemption, ...]:
        """Those that were written half a minute ago, later ones perhaps too."""
        ...

    def every_now(self) -> tuple[Exemption, ...]: ...

    def claim_report(self, name: str) -> Exemption | None:
        """As it stands now; None when its end was reported, another worker is at it, or it is gone."""
        ...

    def note_told(self, name: str, channel: Channel) -> None:
        """As mark_reported, of one channel."""
        ...

    def mark_reported(self, name: str) -> None:
        """Of one that was claimed; does nothing if it was renewed since."""
        ...


class Ledger(Protocol):
    """Every method raises TransientError when the ledger does not answer."""

    def key(self, access_key_id: str) -> KeyEntry | None: ...

    def user(self, name: str) -> UserEntry | None: ...

    def of_owner(self, name: str) -> OwnerFile:
        """What was written within the last second may not be in it yet."""
        ...

    def sharing_tail(self, text: str) -> Mapping[str, str]:
        """The owner's name by the id of each key whose tail is the text's: that of the very key, too. An
        empty name where nothing has told one yet.
        """
        ...

    def sharing_middle(self, text: str) -> Mapping[str, str]: ...

    def join_key(self, entry: KeyEntry) -> KeyEntry:
        """Joins it with what the ledger has of the key; answers what the ledger has now."""
        ...

    def join_user(self, entry: UserEntry) -> UserEntry: ...

    def keys_unseen_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Of users' keys that are not known to be deleted, those that no listing has had since."""
        ...

    def keys_unasked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        """Of the same keys, those of whose last use IAM was not asked since."""
        ...

    def users_unseen_since(self, moment: datetime) -> Iterator[UserEntry]: ...

    def names_by_user_id(self, moment: datetime) -> Mapping[str, str]:
        """Of the users that a listing has had since then."""
        ...


class Inventory(Protocol):
    def users(self, marker: str) -> tuple[tuple[ListedUser, ...], str]:
        """The users from the marker on, empty for the first, and the marker of those after them, empty
        after the last. Raises TransientError when IAM does not answer or a permission is missing.
        """
        ...


class SyncProgress(Protocol):
    def take_up(self, *, only_if_due: bool) -> SyncRun | None:
        """The unfinished sync, else a new one; None if another run is at it, or none is due and one was
        asked for only then.
        """
        ...

    def save(self, run: SyncRun) -> SyncRun: ...

    def give_up(self) -> None:
        """Another run may go on with what was saved."""
        ...

    def finish(self, run: SyncRun) -> None: ...


class SignalQueue(Protocol):
    def foretell(self, switch_off: SwitchOff) -> None:
        """A signal that a key in use was switched off; one of a deletion comes after the configured time."""
        ...

    def tell_change(self, change: SwitchOff) -> None:
        """The key was switched on again, or deleted, which matters to an incident of it alone."""
        ...


class AlertTopic(Protocol):
    def publish(self, alert: Alert) -> None: ...


class ChatTopic(Protocol):
    def publish(self, message: Mapping[str, object]) -> None:
        """`message` is what compose_chat_message makes of an alert."""
        ...


class IncidentBus(Protocol):
    def put(self, detail: Mapping[str, object]) -> None: ...


class DeadLetters(Protocol):
    def reject(self, body: str, reason: str) -> None: ...
