"""The value of a managed secret: the JSON in Secrets Manager that contains a user's key.

`{"AccessKeyId": ..., "SecretAccessKey": ..., "UserName": ...}`; before the first rotation without a key.
Other fields, which a person added, survive every rotation; see dependent_fields.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.errors import PermanentError

_ID, _SECRET, _USER = "AccessKeyId", "SecretAccessKey", "UserName"


class UnreadableSecretError(PermanentError):
    """A version's value is not the JSON of a managed secret: a person or a program wrote something else."""


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key with its secret, which IAM returns only when it creates the key, and which is never shown."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ManagedSecret:
    user_name: str
    key: NewKey | None = None
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)  # may be secret, too

    @classmethod
    def parse(cls, text: str) -> ManagedSecret:
        """Raises UnreadableSecretError for any other text, and quotes none of it."""
        value = _parse_json(text)
        if not isinstance(value, dict) or not _is_complete(value):
            raise UnreadableSecretError("the managed secret is not JSON of the expected form")
        key_id, secret = value.get(_ID), value.get(_SECRET)
        key = NewKey(access_key_id=key_id, secret_access_key=secret) if key_id and secret else None
        others = {name: field for name, field in value.items() if name not in {_ID, _SECRET, _USER}}
        return cls(user_name=value[_USER], key=key, others=others)

    def to_text(self) -> str:
        key = {_ID: self.key.access_key_id, _SECRET: self.key.secret_access_key} if self.key else {}
        return json.dumps(key | {_USER: self.user_name} | dict(self.others))

    @property
    def key_id(self) -> str:
        """Empty before the first rotation."""
        return self.key.access_key_id if self.key else ""


def _parse_json(text: str) -> object:
    """None for invalid JSON: the parser's error quotes the text, so it is not raised."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_complete(value: Mapping[str, Any]) -> bool:
    """Half a key is a mistake: taken for no key, the key in use would look like one that no secret names."""
    user, key_id, secret = value.get(_USER), value.get(_ID) or "", value.get(_SECRET) or ""
    are_texts = isinstance(user, str) and isinstance(key_id, str) and isinstance(secret, str)
    return are_texts and bool(user) and bool(key_id) == bool(secret)
