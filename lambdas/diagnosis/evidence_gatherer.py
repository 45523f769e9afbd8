"""Gathers the evidence about a key from IAM, the ledger, STS and CloudTrail's history.

IAM may answer a look-up in the same way for an unknown key and for a missing permission (aws-facts 4.4). So
"unknown" counts as a fact only after a key that is known to exist was resolved. A deletion on record needs no
such proof. What cannot be read is waited for if it could change the cause, but not for long; then, and if it
could not, the evidence says that it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from lambdas.aws.domain.access_key_id import decode_account, find_flaw, is_temporary
from lambdas.aws.domain.error_codes import EXPIRED_CODES, ErrorClass, strip_client_prefix
from lambdas.aws.domain.iam import ACTIVE, ROOT, Issue, KeyChange, ListedKey, Resolved, Unresolved, find_key
from lambdas.aws.domain.principals import is_own_test
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.aws.ports import Accounts, Iam, ProbeKey, TrailHistory
from lambdas.detection.domain.signal import Signal
from lambdas.diagnosis.domain.evidence import Evidence, NearMiss
from lambdas.diagnosis.domain.key_provenance import KeyProvenance
from lambdas.diagnosis.domain.placeholders import is_placeholder
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.newer_key_reader import NewerKeyReader
from lambdas.diagnosis.reads import Reads
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.ledger.domain.near_miss import could_be_mistyped, masked, single_near_miss
from lambdas.ledger.domain.owner import Owner
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.ports import Ledger
from lambdas.ledger.renames import find_current_name
from lambdas.rotation.context_reader import RotationContextReader
from lambdas.rotation.domain.rotation_context import RotationContext


@dataclass(kw_only=True, eq=False, repr=False)
class EvidenceGatherer:
    iam: Iam
    probe_key: ProbeKey
    trail: TrailHistory
    accounts: Accounts
    ledger: Ledger
    rotation_contexts: RotationContextReader
    account: str
    automations: tuple[str, ...] = ()  # principals that rotate keys
    reads: Reads = field(default_factory=Reads)

    def gather(self, signal: Signal, *, may_wait: bool = True) -> Evidence:
        """Raises TransientError if what could change the cause cannot be read and `may_wait`."""
        gathering = replace(self, reads=Reads(may_wait=may_wait))
        evidence = gathering._gather(signal)  # noqa: SLF001 -- of this class
        return replace(evidence, unread=tuple(gathering.reads.unread))

    def _gather(self, signal: Signal) -> Evidence:
        key_id = signal.access_key_id
        if signal.is_root or signal.folded_into or signal.error_class is ErrorClass.UNRELATED:
            return Evidence()
        if not signal.has_usable_id:
            return Evidence(near_miss=self._near_miss(key_id))
        if is_temporary(key_id) or strip_client_prefix(signal.error_code) in EXPIRED_CODES:
            return Evidence(looked_up=True, issue=self._issue(signal))
        answer = self.reads.decisive(Source.KEY, lambda: self.iam.look_up(key_id), Unresolved())
        if isinstance(answer, Resolved):
            evidence = self._resolved_key(signal, answer)
        elif is_placeholder(key_id):
            return Evidence()
        else:
            evidence = self._unresolved_key(signal)
        if signal.predicted_outage is None or signal.is_leak:
            return evidence
        with_usage = self._with_usage(evidence, key_id)
        return self._newer_keys().with_own_rotation(signal.predicted_outage, with_usage)

    def _resolved_key(self, signal: Signal, answer: Resolved) -> Evidence:
        key_id, name = signal.access_key_id, answer.user_name
        keys = self.reads.decisive(Source.LISTING, lambda: self.iam.list_keys(name), ())
        key = find_key(key_id, keys)
        if key is not None and key.is_active:
            return self._active_key(signal, answer, key)
        provenance = self._from_ledger(key_id, name, is_deleted=key is None)
        evidence = replace(self._owned_key(signal, provenance, keys), key=key)
        evidence = replace(evidence, last_use=answer.last_use or provenance.last_use)
        return self._newer_keys().with_successor(signal, evidence)

    def _active_key(self, signal: Signal, answer: Resolved, key: ListedKey) -> Evidence:
        """Reads no more if the key's being active settles the case: the error was not about the key."""
        user_name = answer.user_name
        if signal.error_class in {ErrorClass.AMBIGUOUS, ErrorClass.NO_ERROR}:
            return Evidence(looked_up=True, owner=Owner(name=user_name), key=key, last_use=answer.last_use)
        entry = self.reads.decisive(Source.LEDGER, lambda: self.ledger.key(key.access_key_id), None)
        status = entry.status if entry else None
        return Evidence(
            looked_up=True,
            quarantine_policy=self._quarantine_policy(user_name),
            owner=self._owner(user_name, is_decisive=False),
            key=key,
            last_use=answer.last_use,
            reactivation=entry.reactivation if entry else None,
            inactive_at=status.at if status and status.value != ACTIVE else None,
            exposed_at=entry.exposed_at if entry else None,
        )

    def _owner(self, user_name: str, *, is_decisive: bool) -> Owner:
        """IAM lists the user's keys, so it exists; it can matter whether it is another user of that name."""
        read = self.reads.decisive if is_decisive else self.reads.other
        described = partial(Owner.from_iam, user_name)
        return read(Source.OWNER, lambda: described(self.iam.describe(user_name)), Owner(name=user_name))

    def _quarantine_policy(self, user_name: str) -> str:
        return self.reads.decisive(Source.QUARANTINE, lambda: self.iam.quarantine_policy(user_name), "")

    def _unresolved_key(self, signal: Signal) -> Evidence:
        key_id = signal.access_key_id
        provenance = self._provenance(key_id)
        keys = self._keys_of(provenance.owner)
        key = find_key(key_id, keys)
        confirmed_key = ""
        if key is not None:
            self.reads.decisive(Source.KEY, _missing_permission, None)
        elif not provenance.deletion_is_recorded:
            others = [other.access_key_id for other in keys or ()]
            confirm = partial(self.probe_key.confirm_lookup_works, others)
            confirmed_key = self.reads.decisive(Source.KEY, confirm, "")
        if key is not None and key.is_active:
            return self._active_key(signal, Resolved(user_name=provenance.owner, last_use=None), key)
        if provenance.owner:
            return self._dead_key(signal, provenance, keys)
        change = signal.predicted_outage
        if change and change.user_name and self.reads.lacks_decisive:
            return self._recorded_key(signal, change)
        return Evidence(
            looked_up=True,
            history=provenance.history,
            sts_account=self._sts_account(key_id, confirmed_key),
            lookup_confirmed=bool(confirmed_key),
            near_miss=provenance.near_miss,
        )

    def _recorded_key(self, signal: Signal, change: KeyStateChange) -> Evidence:
        """Of the user that the record of the change names, as nothing else that can be read names one."""
        keys = self._keys_of(change.user_name)
        key = find_key(signal.access_key_id, keys)
        if key is not None and key.is_active:
            return self._active_key(signal, Resolved(user_name=change.user_name, last_use=None), key)
        return self._dead_key(
            signal, KeyProvenance(key_id=change.access_key_id, owner=change.user_name), keys
        )

    def _dead_key(
        self, signal: Signal, provenance: KeyProvenance, keys: tuple[ListedKey, ...] | None
    ) -> Evidence:
        owned = self._owned_key(signal, provenance, keys)
        owned = replace(owned, key=find_key(signal.access_key_id, keys))
        return self._newer_keys().with_successor(signal, owned)

    def _keys_of(self, owner: str) -> tuple[ListedKey, ...] | None:
        read = partial(self.iam.list_keys, owner)
        return self.reads.decisive(Source.LISTING, read, ()) if owner else None

    def _history(self, key_id: str, *, is_decisive: bool) -> tuple[KeyChange, ...]:
        read = self.reads.decisive if is_decisive else self.reads.other
        return read(Source.HISTORY, lambda: self.trail.changes(key_id), ())

    def _provenance(self, key_id: str) -> KeyProvenance:
        """From the ledger, in two reads. From CloudTrail's history if the ledger has neither the key nor a
        near miss, and the id is not of another account, whose keys this account's history cannot have.
        """
        nothing: Mapping[str, str] = {}
        tails = self.reads.decisive(Source.LEDGER, lambda: self.ledger.keys_with_tail(key_id), nothing)
        if owner := tails.get(key_id):
            return self._from_ledger(key_id, owner, is_deleted=True)
        if near := self._near_miss(key_id, tails):
            return KeyProvenance(key_id=key_id, near_miss=near)
        if decode_account(key_id) not in {None, self.account}:
            return KeyProvenance(key_id=key_id)
        return KeyProvenance.from_history(key_id, self._history(key_id, is_decisive=True))

    def _from_ledger(self, key_id: str, owner: str, *, is_deleted: bool) -> KeyProvenance:
        """Reads CloudTrail's history only if the ledger does not have who deactivated or deleted the key."""
        read = self.reads.decisive if is_deleted else self.reads.other
        record = read(Source.LEDGER, partial(self._owner_record, key_id, owner), OwnerRecord())
        owner = record.key.owner if record.key else owner
        provenance = KeyProvenance.from_ledger(key_id, owner, record)
        if owner == ROOT:
            return replace(provenance, owner="")
        if provenance.deletion_is_recorded or (not is_deleted and provenance.status_change_is_recorded):
            return provenance
        is_decisive = is_deleted and provenance.deletion is None
        return provenance.with_history(self._history(key_id, is_decisive=is_decisive))

    def _owner_record(self, key_id: str, owner: str) -> OwnerRecord:
        """Under the name that the owner has now, if it was renamed since the ledger recorded the key. Without
        the key if the ledger has it under another name than IAM.
        """
        record = self.ledger.owner_record(owner, key_id)
        observed = record.key.owner_name if record.key else None
        if record.key is None or observed is None:
            return record
        if observed.value != owner:
            return replace(record, key=None)
        if record.user is None:
            return record
        current = find_current_name(self.ledger, observed, record.user)
        if current.value == owner:
            return record
        user = self.ledger.user(current.value)
        return OwnerRecord(user=user, key=replace(record.key, owner_name=current))

    def _owned_key(
        self, signal: Signal, provenance: KeyProvenance, keys: tuple[ListedKey, ...] | None
    ) -> Evidence:
        name, key = provenance.owner, find_key(signal.access_key_id, keys)
        is_gone, is_listed = keys is None, key is not None
        owner = Owner(name=name, exists=False) if is_gone else self._owner(name, is_decisive=not is_listed)
        other_keys = tuple(key for key in keys or () if key.access_key_id != signal.access_key_id)
        context = self._rotation_context(owner, provenance, other_keys, is_listed=key is not None)
        policy = ""
        if owner.exists and not provenance.belongs_to_namesake(owner, key):
            owner = replace(owner, tags={**provenance.tags, **owner.tags})
            policy = self._quarantine_policy(name)
        else:
            owner, other_keys = provenance.deleted_owner(name_is_taken=owner.exists), ()
        return Evidence(
            looked_up=True,
            owner=owner,
            other_keys=other_keys,
            history=provenance.history,
            quarantine_policy=policy,
            exposed_at=provenance.exposed_at,
            last_use=provenance.last_use,
            deletion=provenance.deletion,
            description=provenance.description,
            rotation_context=None if owner.name_is_taken else context,
        )

    def _rotation_context(
        self, owner: Owner, provenance: KeyProvenance, other_keys: tuple[ListedKey, ...], *, is_listed: bool
    ) -> RotationContext | None:
        return self.rotation_contexts.read(
            owner if owner.exists else provenance.last_owner,
            provenance.key_id,
            other_keys,
            provenance.history,
            is_listed=is_listed,
        )

    def _with_usage(self, evidence: Evidence, key_id: str) -> Evidence:
        if evidence.owner is None or (evidence.key is not None and evidence.key.is_active):
            return evidence
        used_in = [evidence.last_use.region] if evidence.last_use else []
        try:
            usage = self.trail.count_usage(key_id, used_in)
        except TransientError:
            return replace(evidence, usage=None)  # the alert says so and does not wait for it
        others = tuple(use for use in usage if not is_own_test(use.caller.user_agent))
        return replace(evidence, usage=others, only_own_tests=bool(usage and not others))

    def _newer_keys(self) -> NewerKeyReader:
        return NewerKeyReader(
            iam=self.iam, trail=self.trail, ledger=self.ledger, automations=self.automations, reads=self.reads
        )

    def _near_miss(self, text: str, tails: Mapping[str, str] | None = None) -> NearMiss | None:
        if not could_be_mistyped(text) or may_hold_a_secret(text):
            return None
        nothing: dict[str, str] = {}
        owners = self.reads.decisive(Source.LEDGER, lambda: self._similar_keys(text, tails), nothing)
        near = single_near_miss(text, owners.keys())
        return NearMiss(masked_id=masked(near), owner_name=owners[near]) if near else None

    def _similar_keys(self, text: str, tails: Mapping[str, str] | None) -> dict[str, str]:
        sharing = self.ledger.keys_with_tail(text) if tails is None else tails
        return {**sharing, **self.ledger.keys_with_middle(text)}

    def _issue(self, signal: Signal) -> Issue | None:
        """IAM can only say of roles and users of this account whether they still exist."""
        key_id = signal.access_key_id
        issue = self.reads.other(Source.ISSUE, lambda: self.trail.find_issue(key_id), None)
        if issue is None or issue.account != signal.account:
            return issue
        exists = partial(self.iam.principal_exists, issue.to)
        return replace(issue, still_there=self.reads.other(Source.HOLDER, exists, unknown=True))

    def _sts_account(self, key_id: str, probe_key: str) -> str:
        """Asks STS only about ids of the old format, which do not contain the account."""
        is_worth_asking = probe_key and find_flaw(key_id) is None and decode_account(key_id) is None
        find = partial(self.accounts.find_account, key_id, probe_key)
        return self.reads.decisive(Source.ACCOUNT, find, "") if is_worth_asking else ""


def _missing_permission() -> None:
    raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
