"""Gather: reads from IAM and CloudTrail's history what is known of the key at this moment.

An answer that could also mean a missing permission becomes a fact only after a key that is known to
exist has resolved (aws-facts 4.4); until then it is a TransientError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.error_codes import Reading
from lambdas.domain.errors import TransientError
from lambdas.domain.evidence import Evidence, Owner
from lambdas.domain.ports import Resolved

if TYPE_CHECKING:
    from lambdas.domain.evidence import KeyChange, ListedKey
    from lambdas.domain.ports import Iam, TrailHistory, Unresolved
    from lambdas.domain.signal import Signal


def gather(signal: Signal, iam: Iam, trail: TrailHistory) -> Evidence:
    look_no_further = signal.is_root or signal.reading in {Reading.OTHER_MATTER, Reading.NEIGHBOUR}
    if look_no_further or not signal.has_usable_id:
        return Evidence()
    answer = iam.look_up(signal.access_key_id)
    if isinstance(answer, Resolved):
        return _of_a_resolved_key(signal.access_key_id, answer, iam, trail)
    return _of_an_unresolved_key(signal.access_key_id, answer, iam, trail)


def _of_a_resolved_key(key_id: str, answer: Resolved, iam: Iam, trail: TrailHistory) -> Evidence:
    keys = iam.keys_of(answer.user_name)
    key = _find(key_id, keys)
    if key is not None and key.is_active:
        return Evidence(asked=True, owner=Owner(name=answer.user_name), key=key, last_use=answer.last_use)
    return Evidence(
        asked=True,
        owner=_owner(answer.user_name, keys, iam),
        key=key,
        other_keys=_others(key_id, keys),
        last_use=answer.last_use,
        history=trail.changes(key_id),
    )


def _of_an_unresolved_key(key_id: str, answer: Unresolved, iam: Iam, trail: TrailHistory) -> Evidence:
    history = trail.changes(key_id)
    user_name = _user_named_by(history)
    keys = iam.keys_of(user_name) if user_name else None
    if _find(key_id, keys) is not None:
        raise TransientError("IAM lists a key that it does not resolve: a permission may be missing")
    if answer.denied or not _deletion_is_recorded(history):
        iam.confirm_look_up_works([key.access_key_id for key in keys or ()])
    owner = _owner(user_name, keys, iam) if user_name else None
    if owner is None or _is_a_namesake(owner, history):
        return Evidence(asked=True, owner=owner and Owner(name=owner.name, exists=False), history=history)
    return Evidence(asked=True, owner=owner, other_keys=_others(key_id, keys), history=history)


def _owner(user_name: str, keys: tuple[ListedKey, ...] | None, iam: Iam) -> Owner:
    return Owner(name=user_name, exists=False) if keys is None else iam.owner(user_name)


def _is_a_namesake(owner: Owner, history: tuple[KeyChange, ...]) -> bool:
    """A user that was made after the key's last change is somebody else of the same name."""
    return owner.created_at is not None and all(change.at < owner.created_at for change in history)


def _find(key_id: str, keys: tuple[ListedKey, ...] | None) -> ListedKey | None:
    return next((key for key in keys or () if key.access_key_id == key_id), None)


def _others(key_id: str, keys: tuple[ListedKey, ...] | None) -> tuple[ListedKey, ...]:
    return tuple(key for key in keys or () if key.access_key_id != key_id)


def _user_named_by(history: tuple[KeyChange, ...]) -> str:
    return next((change.user_name for change in history if change.user_name), "")


def _deletion_is_recorded(history: tuple[KeyChange, ...]) -> bool:
    return any(change.event_name == "DeleteAccessKey" for change in history)
