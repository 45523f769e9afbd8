"""Deletes a key only if it is still as it was when that was decided. IAM has no conditional deletion, so the
user's keys are listed once more right before: a person may have switched the key on.
"""

from __future__ import annotations

from lambdas.aws.domain.iam import ListedKey
from lambdas.rotation.ports import UserKeys


def delete_if_unchanged(keys: UserKeys, user_name: str, key: ListedKey) -> bool:
    """Whether the key is gone."""
    listed = keys.list_keys(user_name) or ()
    found = next((one for one in listed if one.access_key_id == key.access_key_id), None)
    if found == key:
        keys.delete(user_name, key.access_key_id)
    return found in {None, key}
