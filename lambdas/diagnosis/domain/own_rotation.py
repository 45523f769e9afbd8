"""Recognises a rotation by the owner itself, or by a listed automation, before the new key is used."""

from __future__ import annotations

from datetime import timedelta

from lambdas.aws.domain.iam import KeyChange
from lambdas.aws.domain.principals import is_automation
from lambdas.diagnosis.domain.evidence import OwnRotation
from lambdas.ledger.domain.key_state_change import KeyStateChange

_SHORTLY = timedelta(hours=1)  # programs that rotate a key create and delete within seconds


LONG_BEFORE = timedelta(days=1)  # a thief's other calls come shortly before


def find_own_rotation(
    owner: str,
    end: KeyStateChange,
    access_key_id: str,
    creation: KeyChange,
    automations: tuple[str, ...],
) -> OwnRotation | None:
    """`creation` is that of the newer key `access_key_id`. None if somebody else made one of the changes: an
    administrator who replaces a key cannot know that its consumers have the new one.
    """
    actors = (creation.by, end.by)
    if abs(end.at - creation.at) > _SHORTLY:
        return None
    if not all(_is_user(actor, owner) or is_automation(actor, automations) for actor in actors):
        return None
    return OwnRotation(
        access_key_id=access_key_id,
        created_at=creation.at,
        by=creation.by,
        source=creation.source,
        by_automation=is_automation(creation.by, automations),
        ended_by_owner=_is_user(end.by, owner),
    )


def _is_user(actor: str, name: str) -> bool:
    """User names are unique in an account, whatever their paths (IAM user guide, IAM identifiers)."""
    return actor.startswith("user/") and actor.rsplit("/", 1)[-1] == name
