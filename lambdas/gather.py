"""Gather: reads from IAM, STS and CloudTrail's history what is known of the key at this moment.

An answer that could also mean a missing permission becomes a fact only after a key that is known to
exist has resolved (aws-facts 4.4); until then it is a TransientError. A deletion that is on record needs
no such proof: it is a fact of its own, whatever the look-up answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.domain.access_key_id import decode_account, flaw_of, is_temporary
from lambdas.domain.error_codes import EXPIRED_CODES, Reading, bare
from lambdas.domain.errors import TransientError
from lambdas.domain.evidence import Evidence, Owner
from lambdas.domain.placeholders import is_placeholder
from lambdas.domain.ports import Resolved
from lambdas.domain.succession import candidates, successor

if TYPE_CHECKING:
    from lambdas.domain.evidence import Issue, KeyChange, ListedKey, Successor
    from lambdas.domain.ports import Accounts, Iam, TrailHistory
    from lambdas.domain.signal import Signal


@dataclass(frozen=True, kw_only=True)
class Sources:
    iam: Iam
    trail: TrailHistory
    accounts: Accounts

    def gather(self, signal: Signal) -> Evidence:
        key_id = signal.access_key_id
        nothing_to_ask = signal.is_root or signal.reading is Reading.OTHER_MATTER
        if nothing_to_ask or not signal.has_usable_id:
            return Evidence()
        if is_temporary(key_id) or bare(signal.error_code) in EXPIRED_CODES:
            return Evidence(asked=True, issue=self._issue_of(signal))
        answer = self.iam.look_up(key_id)
        if isinstance(answer, Resolved):
            return self._of_a_resolved_key(signal, answer)
        if is_placeholder(key_id):
            return Evidence()
        return self._of_an_unresolved_key(signal)

    def _of_a_resolved_key(self, signal: Signal, answer: Resolved) -> Evidence:
        key_id, user_name = signal.access_key_id, answer.user_name
        keys = self.iam.keys_of(user_name)
        key = _find(key_id, keys)
        if key is not None and key.is_active:
            unclear = signal.reading is Reading.UNCLEAR
            policy = "" if unclear else self.iam.quarantine_policy_of(user_name)
            owner = Owner(name=user_name)
            return Evidence(
                asked=True, owner=owner, key=key, last_use=answer.last_use, quarantine_policy=policy
            )
        evidence = self._of_an_owned_key(key_id, user_name, keys, self.trail.changes(key_id))
        return self._with_successor(signal, replace(evidence, key=key, last_use=answer.last_use))

    def _of_an_unresolved_key(self, signal: Signal) -> Evidence:
        key_id = signal.access_key_id
        history = self.trail.changes(key_id)
        user_name = _user_named_by(history)
        keys = self.iam.keys_of(user_name) if user_name else None
        if _find(key_id, keys) is not None:
            raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
        witness = ""
        if not _deletion_is_recorded(history):
            witness = self.iam.confirm_look_up_works([key.access_key_id for key in keys or ()])
        if user_name:
            owned = self._of_an_owned_key(key_id, user_name, keys, history)
            return self._with_successor(signal, owned)
        told = self._account_told(key_id, witness)
        return Evidence(asked=True, history=history, account_told=told, witness=bool(witness))

    def _of_an_owned_key(
        self,
        key_id: str,
        user_name: str,
        keys: tuple[ListedKey, ...] | None,
        history: tuple[KeyChange, ...],
    ) -> Evidence:
        gone = Owner(name=user_name, exists=False)
        owner = gone if keys is None else self.iam.owner(user_name)
        if not owner.exists or (_find(key_id, keys) is None and _is_a_namesake(owner, history)):
            return Evidence(asked=True, owner=gone, history=history)
        return Evidence(
            asked=True,
            owner=owner,
            other_keys=tuple(key for key in keys or () if key.access_key_id != key_id),
            history=history,
            quarantine_policy=self.iam.quarantine_policy_of(user_name),
        )

    def _with_successor(self, signal: Signal, evidence: Evidence) -> Evidence:
        for candidate in candidates(evidence, signal.occurred_at):
            answer = self.iam.look_up(candidate.access_key_id)
            use = answer.last_use if isinstance(answer, Resolved) else None
            found: Successor | None = successor(evidence, candidate, use)
            if found is not None:
                return replace(evidence, successor=found)
        return evidence

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


def _user_named_by(history: tuple[KeyChange, ...]) -> str:
    return next((change.user_name for change in history if change.user_name), "")


def _deletion_is_recorded(history: tuple[KeyChange, ...]) -> bool:
    return any(change.event_name == "DeleteAccessKey" for change in history)


def _is_a_namesake(owner: Owner, history: tuple[KeyChange, ...]) -> bool:
    """A user that was made after the key's last change is somebody else of the same name."""
    made_at = owner.created_at
    return bool(history) and made_at is not None and all(change.at < made_at for change in history)
