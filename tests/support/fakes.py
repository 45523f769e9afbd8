"""The ports, in memory. The contract tests hold these and the real adapters to the same behaviour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.alerting.delivery import Delivery
from lambdas.aws.domain.iam import ROOT, IamUser, ListedKey, Resolved, Unresolved
from lambdas.decisions.exemption_filter import ExemptionFilter
from lambdas.detection.domain.callers import calls_of_others, new_callers
from lambdas.detection.domain.signal_group import MAX_REGIONS
from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
from lambdas.errors import BusyError, TransientError
from lambdas.incidents.domain.incident import (
    DueIncident,
    Incident,
    IncidentRef,
    Reactivation,
    RecordedSignals,
    TriageState,
)
from lambdas.incidents.domain.owner_alerts import HeldKeys, OwnerAlerts, Place
from lambdas.incidents.domain.reevaluation import signal_to_evaluate, was_changed_since
from lambdas.incidents.domain.unknown_ids import UnknownIds
from lambdas.ledger.domain.key_entry import merge_keys
from lambdas.ledger.domain.near_miss import middle, tail
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.domain.user_entry import merge_users
from lambdas.ledger.ports import MAX_RECENT_KEYS
from lambdas.remediation.executor import DecisionExecutor
from lambdas.remediation.pipeline import Remediator
from lambdas.remediation.unknown_id_intake import LookUpRate, UnknownIdIntake
from lambdas.rotation.backup_users import BackupUsers
from lambdas.rotation.context_reader import RotationContextReader
from lambdas.rotation.deactivation_check import DeactivationCheck
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import SecretDescription
from lambdas.rotation.ports import BlockedError, SecretGoneError
from tests.support.builders import HOME, NOON, POLICY

NOON_LONG_AGO = NOON.replace(year=2005)
NEVER = NOON.replace(year=9000)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from lambdas.alerting.domain.alert import Alert
    from lambdas.aws.domain.iam import Issue, KeyChange, LastUse, Usage
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.finding import Finding, IncidentUpdate
    from lambdas.incidents.domain.outbox import Channel
    from lambdas.incidents.domain.unknown_ids import NewId
    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.key_state_change import KeyStateChange
    from lambdas.ledger.domain.user_entry import UserEntry
    from lambdas.rotation.domain.fail_overs import FailOverResult


@dataclass
class FakeIam:
    """Implements Iam and ProbeKey."""

    users: dict[str, dict[str, str]] = field(default_factory=dict)  # status by key id, by user name
    stale: dict[str, str] = field(
        default_factory=dict
    )  # user name by id of a deleted key that still resolves
    made_at: datetime | None = None
    created: dict[str, datetime] = field(default_factory=dict)
    last_uses: dict[str, LastUse] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    gone_principals: set[str] = field(default_factory=set)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)  # IAM actions without a permission
    calls: list[str] = field(default_factory=list)

    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        self.calls.append("GetAccessKeyLastUsed")
        owner = self._owner_of(access_key_id)
        if "GetAccessKeyLastUsed" in self.denied or not owner:
            return Unresolved()
        return Resolved(user_name=owner, last_use=self.last_uses.get(access_key_id))

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        self._call("ListAccessKeys")
        if user_name not in self.users:
            return None
        return tuple(
            ListedKey(access_key_id=key, status=status, created_at=self.created.get(key, NOON_LONG_AGO))
            for key, status in self.users[user_name].items()
        )

    def describe(self, user_name: str) -> IamUser | None:
        self._call("GetUser")
        if user_name not in self.users:
            return None
        made_at = self.made_at or NOON_LONG_AGO
        tags = self.tags.get(user_name, {})
        return IamUser(
            name=user_name,
            user_id=f"AIDA{user_name}",
            path=self.paths.get(user_name, "/"),
            created_at=made_at,
            tags=tags,
        )

    def quarantine_policy(self, user_name: str) -> str:
        self._call("ListAttachedUserPolicies")
        return self.policies.get(user_name, "")

    def principal_exists(self, principal: str) -> bool:
        self._call("GetRole")
        return principal not in self.gone_principals

    def check_lookup_works(self) -> None:
        self.confirm_lookup_works([])

    def confirm_lookup_works(self, candidates: Collection[str]) -> str:
        known = [*candidates, *(key for keys in self.users.values() for key in keys)]
        if known and not any(isinstance(self.look_up(key), Resolved) for key in known):
            raise TransientError("the look-up does not work")
        return next(iter(known), "")

    def _owner_of(self, access_key_id: str) -> str:
        owners = (user for user, keys in self.users.items() if access_key_id in keys)
        return next(owners, self.stale.get(access_key_id, ""))

    def _call(self, action: str) -> None:
        self.calls.append(action)
        if action in self.denied:
            raise TransientError(f"iam:{action}: AccessDenied")


@dataclass
class FakeTrail:
    histories: dict[str, tuple[KeyChange, ...]] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    usages: dict[str, tuple[Usage, ...]] = field(default_factory=dict)
    times: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    fails: bool = False

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]:
        if self.fails:
            raise TransientError("cloudtrail:LookupEvents: AccessDenied")
        return self.histories.get(access_key_id, ())

    def count_usage(self, access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:  # noqa: ARG002
        if self.fails:
            raise TransientError("cloudtrail:LookupEvents: AccessDenied")
        return self.usages.get(access_key_id, ())

    def use_times(self, access_key_id: str, regions: Collection[str]) -> tuple[datetime, ...]:  # noqa: ARG002
        if self.fails:
            raise TransientError("cloudtrail:LookupEvents: AccessDenied")
        return self.times.get(access_key_id, ())

    def sources_until(self, access_key_id: str, until: datetime, regions: Collection[str]) -> frozenset[str]:
        return frozenset(
            use.caller.source for use in self.count_usage(access_key_id, regions) if use.last_at <= until
        )

    def find_issue(self, access_key_id: str) -> Issue | None:
        if self.fails:
            raise TransientError("cloudtrail:LookupEvents: AccessDenied")
        return self.issues.get(access_key_id)


@dataclass
class FakeAccounts:
    """STS: `accounts` by access key id."""

    accounts: dict[str, str] = field(default_factory=dict)
    fails: bool = False

    def find_account(self, access_key_id: str, probe_key: str) -> str:
        if self.fails:
            raise TransientError("sts:GetAccessKeyInfo does not answer for a key that exists")
        assert probe_key
        return self.accounts.get(access_key_id, "")


@dataclass
class FakeLedger:
    entries: dict[str, KeyEntry] = field(default_factory=dict)
    users: dict[str, UserEntry] = field(default_factory=dict)
    reads: int = 0

    def key(self, access_key_id: str) -> KeyEntry | None:
        self.reads += 1
        return self.entries.get(access_key_id)

    def known_keys(self, access_key_ids: Collection[str]) -> frozenset[str]:
        self.reads += 1
        return frozenset(access_key_ids) & self.entries.keys()

    def user(self, name: str) -> UserEntry | None:
        self.reads += 1
        return self.users.get(name)

    def owner_record(self, name: str, access_key_id: str) -> OwnerRecord:
        self.reads += 1
        return OwnerRecord(user=self.users.get(name), key=self.entries.get(access_key_id))

    def recent_keys(self, owner: str) -> tuple[KeyEntry, ...]:
        self.reads += 1
        keys = [entry for entry in self.entries.values() if entry.owner == owner]
        ends = {key.access_key_id: key.deletion.until if key.deletion else NEVER for key in keys}
        keys.sort(key=lambda key: ends[key.access_key_id], reverse=True)
        return tuple(keys)[:MAX_RECENT_KEYS]

    def keys_with_tail(self, text: str) -> dict[str, str]:
        self.reads += 1
        return {key: it.owner for key, it in self.entries.items() if tail(key) == tail(text)}

    def keys_with_middle(self, text: str) -> dict[str, str]:
        self.reads += 1
        return {key: it.owner for key, it in self.entries.items() if middle(key) == middle(text)}

    def merge_key(self, entry: KeyEntry) -> KeyEntry:
        known = self.entries.get(entry.access_key_id)
        self.entries[entry.access_key_id] = merge_keys(known, entry) if known else entry
        return self.entries[entry.access_key_id]

    def merge_user(self, entry: UserEntry) -> UserEntry:
        known = self.users.get(entry.name)
        self.users[entry.name] = merge_users(known, entry) if known else entry
        return self.users[entry.name]

    def keys_not_listed_since(self, moment: datetime) -> Iterator[KeyEntry]:
        yield from [
            key for key in self._living() if key.last_listed_at is None or key.last_listed_at < moment
        ]

    def keys_not_checked_since(self, moment: datetime) -> Iterator[KeyEntry]:
        yield from [
            key for key in self._living() if key.use_checked_at is None or key.use_checked_at < moment
        ]

    def users_not_listed_since(self, moment: datetime) -> Iterator[UserEntry]:
        there = [user for user in self.users.values() if user.exists]
        yield from [user for user in there if user.last_listed_at is None or user.last_listed_at < moment]

    def listed_names_by_user_id(self, moment: datetime) -> dict[str, str]:
        seen = [
            user
            for user in self.users.values()
            if user.last_listed_at is not None and user.last_listed_at >= moment
        ]
        return {user.user_id.value: user.name for user in seen if user.user_id}

    def _living(self) -> list[KeyEntry]:
        return [key for key in self.entries.values() if key.deletion is None and key.owner != ROOT]


@dataclass
class FakeSignalQueue:
    predicted: list[KeyStateChange] = field(default_factory=list)
    leaks: list[KeyStateChange] = field(default_factory=list)
    changes: list[KeyStateChange] = field(default_factory=list)

    def report_predicted_outage(self, change: KeyStateChange) -> None:
        self.predicted.append(change)

    def report_leak(self, change: KeyStateChange) -> None:
        self.leaks.append(change)

    def report_change(self, change: KeyStateChange) -> None:
        self.changes.append(change)


@dataclass
class FakeEnrolmentQueue:
    """`asked` are the users whose claims are to be processed, with the secrets that they claimed before."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    changed_by: list[str] = field(default_factory=list)

    def process_soon(self, user_name: str, previous_secret: str = "", changed_by: str = "") -> None:
        self.asked.append((user_name, previous_secret))
        self.changed_by.append(changed_by)


@dataclass
class FakeIncidents:
    items: dict[IncidentRef, Incident] = field(default_factory=dict)
    due_at: dict[IncidentRef, datetime] = field(default_factory=dict)  # of those that are to be followed up
    held: dict[str, int] = field(default_factory=dict)  # keys claimed by another worker, with its error class
    findings: list[Finding] = field(default_factory=list)
    now: datetime = NOON  # the clock of everything that processes incidents
    quiet: timedelta = POLICY.quiet
    prediction_window: timedelta = POLICY.prediction_window
    writes: int = 0

    @property
    def open(self) -> dict[str, Incident]:
        """The newest incident of each key."""
        return {ref.key: self.items[ref] for ref in sorted(self.items, key=lambda ref: ref.opened_at)}

    def record(self, group: SignalGroup) -> RecordedSignals:
        self.writes += 1
        known = self.open.get(group.key)
        if known is None or known.closed or self._is_over(known):
            incident = self._opened(group, known)
        else:
            incident = self._counted(known, group)
            self.items[incident.ref] = incident
        signal = signal_to_evaluate(incident, group, self.now)
        if signal and group.key in self.held:
            if signal.error_class > self.held[group.key]:
                raise BusyError("another worker is evaluating it")
            signal = None
        if signal:
            self._claim(incident)
        return RecordedSignals(incident=incident, signal=signal)

    def remembers(self, key: str) -> bool:  # noqa: ARG002
        return False

    def open_keys(self, keys: Collection[str]) -> frozenset[str]:
        known = ((key, self.open.get(key)) for key in keys)
        return frozenset(key for key, it in known if it and not it.closed and not self._is_over(it))

    def claim_for_key_change(self, change: KeyStateChange) -> Incident | None:
        incident = self.open.get(change.access_key_id)
        if incident is None or incident.closed:
            return None
        if incident.triage is not TriageState.PENDING and not was_changed_since(incident, change):
            return None
        if incident.key in self.held:
            raise BusyError("another worker holds the claim")
        if change.event_name == "UpdateAccessKey":
            incident = replace(incident, reactivation=Reactivation(at=change.at, by=change.by))
            if incident.awaits_first_failure:
                incident = replace(incident, open_until=self.now + self.quiet)
        self.items[incident.ref] = incident
        return self._claim(incident)

    def claim(self, ref: IncidentRef) -> Incident | None:
        incident = self.items[ref]
        return None if incident.closed or ref.key in self.held else self._claim(incident)

    def due(self) -> Iterator[DueIncident]:
        waiting = [ref for ref, at in self.due_at.items() if at <= self.now]
        for ref in sorted(waiting, key=lambda ref: (self.items[ref].outbox.is_empty, self.due_at[ref])):
            yield DueIncident(ref=ref, since=self.due_at[ref])

    def claim_due(self, ref: IncidentRef) -> Incident | None:
        if ref.key in self.held or self.due_at.get(ref, self.now + timedelta(1)) > self.now:
            return None
        self._claim(self.items[ref])
        self.due_at[ref] = self.now + timedelta(minutes=5)
        return self.items[ref]

    def close(self, incident: Incident, *, resolved: bool = False) -> bool:
        now = self.items[incident.ref]
        closes = now.count == incident.count if resolved else self._is_over(now)
        if closes:
            self.items[incident.ref] = replace(now, closed=True)
        return closes

    def record_sent(self, incident: Incident) -> None:
        self.items[incident.ref] = replace(
            self.items[incident.ref], outbox=incident.outbox, alerts_sent=incident.alerts_sent
        )

    def check(self, update: IncidentUpdate) -> None:
        """Holds all that there is."""

    def save_and_release(self, update: IncidentUpdate) -> None:
        self.writes += 1
        incident, now = update.incident, self.items[update.incident.ref]
        if update.finding:
            self.findings.append(update.finding)
        was_predicted = update.finding is not None and update.finding.incident.awaits_first_failure
        waits = incident.awaits_first_failure or was_predicted
        self.items[incident.ref] = replace(
            incident,
            count=now.count,
            last_seen=now.last_seen,
            callers=now.callers,
            regions=now.regions,
            reactivation=now.reactivation,
            rotation=now.rotation,
            closed_by=now.closed_by,
            open_until=incident.open_until if waits else now.open_until,
            closed=now.closed,
        )
        self.due_at.pop(incident.ref, None)
        if update.due_at:
            self.due_at[incident.ref] = update.due_at

    def _claim(self, incident: Incident) -> Incident:
        self.writes += 1
        self.due_at[incident.ref] = self.now + timedelta(seconds=46)
        return incident

    def _is_over(self, incident: Incident) -> bool:
        is_quiet = incident.open_until is not None and incident.open_until <= self.now
        return is_quiet and not incident.exposes_secret

    def _opened(self, group: SignalGroup, previous: Incident | None) -> Incident:
        if previous and not previous.closed:
            self.items[previous.ref] = replace(previous, closed=True)
            self.due_at[previous.ref] = self.now
        is_predicted = group.signal.predicted_outage is not None
        incident = Incident(
            key=group.key,
            opened_at=f"{self.now:%Y-%m-%dT%H:%M:%S.%fZ}",
            count=group.count,
            first_seen=group.first_seen,
            last_seen=group.last_seen,
            callers=group.callers,
            other_calls=calls_of_others(group.calls, group.callers),
            regions=group.regions,
            opened_by_prediction=is_predicted,
            signal=group.signal,
            open_until=self.now + (max(self.quiet, self.prediction_window) if is_predicted else self.quiet),
        )
        self.items[incident.ref] = incident
        return self._claim(incident)

    def _counted(self, incident: Incident, group: SignalGroup) -> Incident:
        callers = (*incident.callers, *new_callers(group.callers, incident.callers))
        others = Counter(incident.other_calls) + Counter(calls_of_others(group.calls, callers))
        regions = dict.fromkeys((*incident.regions, *group.regions))
        until = self.now + self.quiet
        if incident.awaits_first_failure and incident.open_until:
            until = max(until, incident.open_until)
        return replace(
            incident,
            count=incident.count + group.count,
            last_seen=max(incident.last_seen, group.last_seen) if group.count else incident.last_seen,
            callers=callers,
            other_calls=dict(others),
            regions=tuple(regions)[:MAX_REGIONS],
            open_until=until,
        )


@dataclass
class FakeUnknownIds:
    """Implements UnknownIdCounts. `clock` is that of the incidents."""

    clock: Callable[[], datetime]
    known: UnknownIds = field(default_factory=UnknownIds)

    def may_be_open(self, incident_keys: Collection[str]) -> frozenset[str]:
        return frozenset(key for key in incident_keys if self.known.may_be_open(key))

    def assign(self, new: NewId) -> str:
        key, self.known = self.known.at(self.clock()).with_id(new, HOME.account, self.clock())
        return key

    def release(self, incident_key: str) -> None:
        self.known = self.known.without(incident_key)

    def count_update(self, incident_key: str) -> bool:
        counted = self.known.at(self.clock()).with_update(incident_key, HOME.account, self.clock())
        self.known = counted or self.known
        return counted is not None


@dataclass
class FakeOwnerAlerts:
    """Implements OwnerAlertCounts. `clock` is that of the incidents."""

    clock: Callable[[], datetime]
    known: dict[str, OwnerAlerts] = field(default_factory=dict)

    def place(self, group: str, incident: Incident) -> Place:
        place, self.known[group] = self._of(group).with_key(incident, self.clock())
        return place

    def held(self, group: str) -> HeldKeys:
        return self._of(group).held

    def mark_reported(self, group: str, held: HeldKeys) -> None:
        self.known[group] = self._of(group).reported(held, self.clock())

    def _of(self, group: str) -> OwnerAlerts:
        return self.known.get(group, OwnerAlerts())


@dataclass
class FakeExemptions:
    written: dict[str, Exemption] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    error: Exception | None = None

    def write(self, exemption: Exemption) -> None:
        self.written[exemption.name] = exemption
        self.reported.discard(exemption.name)

    def every(self) -> tuple[Exemption, ...]:
        if self.error:
            raise self.error
        return tuple(self.written.values())

    def unreported(self) -> tuple[Exemption, ...]:
        return tuple(each for each in self.every() if each.name not in self.reported)

    def mark_reported(self, exemption: Exemption) -> None:
        if self.written.get(exemption.name) == exemption:
            self.reported.add(exemption.name)


@dataclass
class FakeDeliveryRecords:
    """`claimed` are notifications that another worker is sending."""

    channels: dict[str, frozenset[Channel]] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)

    def delivered(self, notification_id: str) -> frozenset[Channel]:
        return self.channels.get(notification_id, frozenset())

    def claim(self, notification_id: str) -> frozenset[Channel]:
        if notification_id in self.claimed:
            raise BusyError("another worker is sending it")
        return self.delivered(notification_id)

    def mark_delivered(self, notification_id: str, channel: Channel) -> None:
        self.channels[notification_id] = self.delivered(notification_id) | {channel}


@dataclass
class FakeTopic:
    alerts: list[Alert] = field(default_factory=list)
    fails: bool = False

    def publish(self, alert: Alert) -> None:
        if self.fails:
            raise TransientError("sns:Publish: Throttled")
        self.alerts.append(alert)


@dataclass
class FakeChat:
    """`threads` are those of the messages, in the order in which they came."""

    messages: list[Mapping[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def publish(self, message: Mapping[str, Any]) -> None:
        if self.error:
            raise self.error
        self.messages.append(message)

    @property
    def titles(self) -> list[str]:
        return [message["content"]["title"] for message in self.messages]

    @property
    def threads(self) -> list[str]:
        return [message["metadata"]["threadId"] for message in self.messages]


@dataclass
class FakeBus:
    events: list[Mapping[str, object]] = field(default_factory=list)
    error: Exception | None = None

    def put(self, detail: Mapping[str, object]) -> None:
        if self.error:
            raise self.error
        self.events.append(detail)


@dataclass
class FakeDeadLetters:
    rejected: list[tuple[str, str]] = field(default_factory=list)
    fails: bool = False

    def reject(self, body: str, reason: str) -> None:
        if self.fails:
            raise TransientError("sqs:SendMessage: AccessDenied")
        self.rejected.append((body, reason))


@dataclass
class FakeRotationService:
    """Secrets Manager, the switches and the budget, as the remediator meets them. `pending` is a version that
    another rotation has labelled.
    """

    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    states: dict[str, RotationState] = field(default_factory=dict)
    deployed_mode: Mode = Mode.AUTO
    kill_switch: bool = False
    spent: int = 0
    spent_by: set[str] = field(default_factory=set)
    hourly: int = 10
    started: dict[str, str] = field(default_factory=dict)
    fails: bool = False
    pending: str = ""
    carried: list[FailOverResult | Exception] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    backups: dict[str, str] = field(default_factory=dict)
    iam: FakeIam = field(default_factory=FakeIam)
    trail: FakeTrail = field(default_factory=FakeTrail)
    ledger: FakeLedger = field(default_factory=FakeLedger)

    def describe_secret(self, secret: str) -> SecretDescription:
        if secret not in self.tags:
            raise SecretGoneError("secretsmanager:DescribeSecret: there is no such secret")
        labels = {"version-1": frozenset({"AWSPREVIOUS"}), "version-2": frozenset({"AWSCURRENT"})}
        return SecretDescription(name=secret, tags=self.tags[secret], labels=labels)

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return self._carry(secret_name, "", token)

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return self._carry(secret_name, backup, token)

    def _carry(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        """Answers what is in `carried`, in that order."""
        self.asked.append((secret_name, backup, token))
        answer = self.carried.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read(self, secret_name: str) -> RotationState:
        return self.states.get(secret_name, RotationState(secret_name=secret_name))

    def users_by_secret(self) -> dict[str, str]:
        return {name: state.user_name for name, state in sorted(self.states.items())}

    def stopped(self) -> bool:
        return self.kill_switch

    def mode(self) -> Mode:
        return self.deployed_mode

    def is_spent(self, user_id: str) -> bool:  # noqa: ARG002
        return self.spent >= self.hourly

    def spend(self, token: str, user_id: str) -> None:  # noqa: ARG002
        self.spent += 1
        self.spent_by.add(token)

    def was_spent_by(self, token: str) -> bool:
        return token in self.spent_by

    def start(self, secret_name: str, token: str) -> None:
        if self.fails:
            raise TransientError("secretsmanager:RotateSecret: AccessDeniedException")
        if self.pending:
            raise BlockedError(self.pending)
        self.started[token] = secret_name

    @property
    def executor(self) -> DecisionExecutor:
        return DecisionExecutor(
            starter=self,
            fail_over=self,
            rotations=self,
            budget=self,
            keys=self.iam,
            ledger=self.ledger,
        )

    @property
    def enrolments(self) -> RotationContextReader:
        backups = BackupUsers(
            iam=self.iam,
            secrets=self,
            rotations=self,
            pairs=self.backups,
            prefix="access-keys/",
            function_name="FailOver",
        )
        return RotationContextReader(
            secrets=self,
            rotations=self,
            switches=self,
            budget=self,
            prefix="access-keys/",
            cooldown=timedelta(hours=1),
            deactivations=DeactivationCheck(trail=self.trail, automations=("assumed-role/Containment/",)),
            backups=backups,
            deployed_mode=self.deployed_mode,
            clock=lambda: NOON,
        )


@dataclass
class World:
    """A remediator over fakes, and the fakes to look into."""

    iam: FakeIam = field(default_factory=FakeIam)
    trail: FakeTrail = field(default_factory=FakeTrail)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    rotation: FakeRotationService = field(default_factory=FakeRotationService)
    incidents: FakeIncidents = field(default_factory=FakeIncidents)
    counts: FakeUnknownIds | None = None
    owner_counts: FakeOwnerAlerts | None = None
    topic: FakeTopic = field(default_factory=FakeTopic)
    chat: FakeChat = field(default_factory=FakeChat)
    bus: FakeBus = field(default_factory=FakeBus)
    exemptions: FakeExemptions = field(default_factory=FakeExemptions)
    records: FakeDeliveryRecords = field(default_factory=FakeDeliveryRecords)
    unread: list[Exception] = field(default_factory=list)
    unreported: list[Exception] = field(default_factory=list)
    refusals: list[tuple[Channel, str]] = field(default_factory=list)

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            topic=self.topic,
            chat=self.chat,
            bus=self.bus,
            records=self.records,
            wait_for_turn=lambda _: None,
            report_failure=lambda channel, error: self.refusals.append((channel, str(error))),
        )

    @property
    def unknown_ids(self) -> FakeUnknownIds:
        self.counts = self.counts or FakeUnknownIds(clock=lambda: self.incidents.now)
        return self.counts

    @property
    def owner_alerts(self) -> FakeOwnerAlerts:
        self.owner_counts = self.owner_counts or FakeOwnerAlerts(clock=lambda: self.incidents.now)
        return self.owner_counts

    @property
    def intake(self) -> UnknownIdIntake:
        return UnknownIdIntake(
            ledger=self.ledger,
            incidents=self.incidents,
            counts=self.unknown_ids,
            account=HOME.account,
            keys=self.iam,
            look_ups=LookUpRate(clock=lambda: self.incidents.now),
        )

    @property
    def remediator(self) -> Remediator:
        return Remediator(
            deployment=HOME,
            deployment_mode=Mode.NOTIFY,
            gatherer=EvidenceGatherer(
                iam=self.iam,
                probe_key=self.iam,
                trail=self.trail,
                accounts=self.accounts,
                ledger=self.ledger,
                rotation_contexts=replace(self.rotation, iam=self.iam, trail=self.trail).enrolments,
                account=HOME.account,
            ),
            executor=replace(self.rotation.executor, keys=self.iam, ledger=self.ledger),
            exemption_filter=ExemptionFilter(
                exemptions=self.exemptions, clock=lambda: NOON, report_failure=self.unread.append
            ),
            incidents=self.incidents,
            delivery=self.delivery,
            unknown_ids=self.unknown_ids,
            owner_alerts=self.owner_alerts,
            update_policy=POLICY,
            clock=lambda: self.incidents.now,
            report_failure=self.unreported.append,
        )
