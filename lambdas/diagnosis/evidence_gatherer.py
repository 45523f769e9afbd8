"""Gather: reads from IAM, the ledger, STS and CloudTrail's history what is known of the key at this moment.

An answer that could also mean a missing permission becomes a fact only after a key that is known to
exist has resolved (aws-facts 4.4); until then it is a TransientError. A deletion that is on record needs
no such proof: it is a fact of its own, whatever the look-up answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account, flaw_of, is_temporary
from lambdas.aws.domain.error_codes import EXPIRED_CODES, ErrorClass, bare
from lambdas.aws.domain.iam import ROOT, Resolved
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.diagnosis.domain.evidence import Evidence, NearMiss
from lambdas.diagnosis.domain.key_provenance import KeyProvenance
from lambdas.diagnosis.domain.placeholders import is_placeholder
from lambdas.diagnosis.domain.successor import candidates, successor
from lambdas.errors import TransientError
from lambdas.ledger.domain.near_miss import masked, may_be_mistyped, only_near_miss
from lambdas.ledger.domain.owner import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.aws.domain.iam import Issue, ListedKey, Unresolved
    from lambdas.aws.ports import Accounts, Iam, TrailHistory
    from lambdas.detection.domain.signal import Signal
    from lambdas.diagnosis.domain.evidence import Successor
    from lambdas.ledger.ports import Ledger
    from lambdas.rotation.context_reader import RotationContextReader
    from lambdas.rotation.domain.rotation_context import RotationContext


@dataclass(frozen=True, kw_only=True)
class EvidenceGatherer:
    iam: Iam
    trail: TrailHistory
    accounts: Accounts
    ledger: Ledger
    enrolments: RotationContextReader

    def gather(self, signal: Signal) -> Evidence:
        key_id = signal.access_key_id
        if signal.is_root or signal.reading is ErrorClass.UNRELATED:
            return Evidence()
        if not signal.has_usable_id:
            return Evidence(near_miss=self._near_miss(key_id))
        if is_temporary(key_id) or bare(signal.error_code) in EXPIRED_CODES:
            return Evidence(asked=True, issue=self._issue_of(signal))
        answer = self.iam.look_up(key_id)
        if not isinstance(answer, Resolved) and is_placeholder(key_id):
            return Evidence()
        evidence = self._of(signal, answer)
        return self._with_usage(evidence, key_id) if signal.switched_off else evidence

    def _of(self, signal: Signal, answer: Resolved | Unresolved) -> Evidence:
        if isinstance(answer, Resolved):
            return self._of_a_resolved_key(signal, answer)
        return self._of_an_unresolved_key(signal)

    def _of_a_resolved_key(self, signal: Signal, answer: Resolved) -> Evidence:
        user_name = answer.user_name
        keys = self.iam.keys_of(user_name)
        key = _find(signal.access_key_id, keys)
        if key is not None and key.is_active:
            unclear = signal.reading in {ErrorClass.AMBIGUOUS, ErrorClass.SWITCHED_OFF}
            policy = "" if unclear else self.iam.quarantine_policy_of(user_name)
            owner = Owner(name=user_name) if unclear else self._owner(user_name)
            return Evidence(
                asked=True, owner=owner, key=key, last_use=answer.last_use, quarantine_policy=policy
            )
        known = self._known(signal.access_key_id, user_name, of_deletion=key is None)
        evidence = replace(self._of_an_owned_key(signal, known, keys), key=key)
        return self._with_successor(signal, replace(evidence, last_use=answer.last_use or known.last_use))

    def _owner(self, user_name: str) -> Owner:
        return Owner.from_iam(user_name, self.iam.describe(user_name))

    def _of_an_unresolved_key(self, signal: Signal) -> Evidence:
        known = self._known_by_its_id(signal.access_key_id)
        keys = self.iam.keys_of(known.owner) if known.owner else None
        if _find(signal.access_key_id, keys) is not None:
            raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
        witness = ""
        if not known.deletion_is_recorded:
            witness = self.iam.confirm_lookup_works([key.access_key_id for key in keys or ()])
        if known.owner:
            return self._with_successor(signal, self._of_an_owned_key(signal, known, keys))
        return Evidence(
            asked=True,
            history=known.history,
            account_told=self._account_told(signal.access_key_id, witness),
            witness=bool(witness),
            near_miss=known.near_miss,
        )

    def _known_by_its_id(self, key_id: str) -> KeyProvenance:
        """By the ledger, in two reads; by CloudTrail's history where that has nothing of the key, nor of one
        like it.
        """
        tails = self.ledger.sharing_tail(key_id)
        if owner := tails.get(key_id):
            return self._known(key_id, owner, of_deletion=True)
        near = self._near_miss(key_id, tails)
        return KeyProvenance(key_id=key_id, near_miss=near) if near else self._by_history(key_id)

    def _by_history(self, key_id: str) -> KeyProvenance:
        return KeyProvenance.by_history(key_id, self.trail.changes(key_id))

    def _known(self, key_id: str, owner: str, *, of_deletion: bool) -> KeyProvenance:
        """CloudTrail's history is asked only for what the ledger has no record of: who ended the key."""
        known = KeyProvenance.by_ledger(key_id, owner, self.ledger.of_owner(owner))
        if owner == ROOT:
            return replace(known, owner="")
        if known.tells_end(of_deletion=of_deletion):
            return known
        return known.with_history(self.trail.changes(key_id))

    def _of_an_owned_key(
        self, signal: Signal, known: KeyProvenance, keys: tuple[ListedKey, ...] | None
    ) -> Evidence:
        owner = Owner(name=known.owner, exists=False) if keys is None else self._owner(known.owner)
        enrolment = self._enrolment(signal, owner, keys, known)
        policy = ""
        others: tuple[ListedKey, ...] = ()
        if owner.exists and not known.is_of_a_namesake(owner, _find(signal.access_key_id, keys)):
            owner = replace(owner, tags={**known.tags, **owner.tags})
            others = tuple(key for key in keys or () if key.access_key_id != signal.access_key_id)
            policy = self.iam.quarantine_policy_of(known.owner)
        else:
            owner = known.gone_owner(name_is_taken=owner.exists)
        return Evidence(
            asked=True,
            owner=owner,
            other_keys=others,
            history=known.history,
            quarantine_policy=policy,
            last_use=known.last_use,
            deletion=known.deletion,
            description=known.description,
            enrolment=None if owner.name_is_taken else enrolment,
        )

    def _enrolment(
        self, signal: Signal, owner: Owner, keys: tuple[ListedKey, ...] | None, known: KeyProvenance
    ) -> RotationContext | None:
        key_id = signal.access_key_id
        return self.enrolments.of(
            owner if owner.exists else known.last_owner,
            key_id,
            [key for key in keys or () if key.access_key_id != key_id],
            known.history,
            is_listed=_find(key_id, keys) is not None,
        )

    def _with_successor(self, signal: Signal, evidence: Evidence) -> Evidence:
        foreseen = signal.switched_off is not None
        for candidate in candidates(evidence, signal.occurred_at):
            answer = self.iam.look_up(candidate.access_key_id)
            use = answer.last_use if isinstance(answer, Resolved) else None
            found: Successor | None = successor(evidence, candidate, use, foreseen=foreseen)
            if found is not None:
                return replace(evidence, successor=found)
        return evidence

    def _with_usage(self, evidence: Evidence, key_id: str) -> Evidence:
        if evidence.owner is None or (evidence.key is not None and evidence.key.is_active):
            return evidence
        used_in = [evidence.last_use.region] if evidence.last_use else []
        try:
            return replace(evidence, usage=self.trail.usage_of(key_id, used_in))
        except TransientError:
            return replace(evidence, usage=None)  # the alert says so, and need not wait for it

    def _near_miss(self, text: str, tails: Mapping[str, str] | None = None) -> NearMiss | None:
        if not may_be_mistyped(text) or may_hold_a_secret(text):
            return None
        sharing = self.ledger.sharing_tail(text) if tails is None else tails
        owners = {**sharing, **self.ledger.sharing_middle(text)}
        near = only_near_miss(text, owners.keys())
        return NearMiss(masked_id=masked(near), owner_name=owners[near]) if near else None

    def _issue_of(self, signal: Signal) -> Issue | None:
        """IAM can tell of the holders of this account alone whether they still exist."""
        issue = self.trail.issue_of(signal.access_key_id)
        if issue is None or issue.account != signal.account:
            return issue
        return replace(issue, still_there=self.iam.holder_exists(issue.to))

    def _account_told(self, key_id: str, witness: str) -> str:
        """Only an id of the old form, which does not carry its account, is worth asking STS for."""
        can_tell = witness and flaw_of(key_id) is None and decode_account(key_id) is None
        return self.accounts.account_of(key_id, witness) if can_tell else ""


def _find(key_id: str, keys: tuple[ListedKey, ...] | None) -> ListedKey | None:
    return next((key for key in keys or () if key.access_key_id == key_id), None)
