"""Which unused key is deleted to free a slot for a new one."""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.aws.domain.iam import ListedKey
from lambdas.rotation.domain.key_deletion import Deletion, DeletionEvidence, decide_deletion


def removable_key(keys: Iterable[ListedKey], evidence: DeletionEvidence) -> str:
    """The oldest one; empty if there is none."""
    unused = (key for key in keys if decide_deletion(key, evidence) is Deletion.UNUSED)
    oldest = min(unused, key=lambda key: (key.created_at, key.access_key_id), default=None)
    return oldest.access_key_id if oldest else ""


def inactive_key(keys: Iterable[ListedKey], current: str) -> str:
    """The key whose deletion frees a slot and takes nothing from anybody; empty if all are active. Of two, it
    is the one that AWSCURRENT does not contain.
    """
    inactive = (key.access_key_id for key in keys if not key.is_active)
    return min(inactive, key=lambda key_id: key_id == current, default="")
