"""The time until a new key is accepted.

AWS documents that IAM is eventually consistent; 5 to 10 seconds are reported for a new key, during which it
is refused like an unknown one. The emulator accepts it at once.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam


def fill(seconds: float) -> None:
    generate, resolve = iam._gen_access_key_id, iam_evaluator.resolve_credential
    born: dict[str, float] = {}

    def generate_key_id() -> str:
        key_id: str = generate()
        born[key_id] = time.monotonic()
        return key_id

    def resolve_credential(access_key_id: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() - born.get(access_key_id, float("-inf")) < seconds:
            return iam_evaluator._unknown_access_key()
        return resolve(access_key_id, *args, **kwargs)

    iam._gen_access_key_id = generate_key_id
    iam_evaluator.resolve_credential = resolve_credential
