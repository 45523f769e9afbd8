"""Deletes a key only if it is still as it was when that was decided. IAM has no conditional deletion, so the
user's keys are listed once more right before: a person may have switched the key on.
"""

from __future__ import annotations

from lambdas.aws.domain.iam import ListedKey, find_key
from lambdas.rotation.ports import UserKeys


def delete_if_unchanged(keys: UserKeys, user_name: str, key: ListedKey) -> bool:
    """Whether the key is gone."""
    found = find_key(key.access_key_id, keys.list_keys(user_name))
    if found == key:
        keys.delete(user_name, key.access_key_id)
    return found in {None, key}
