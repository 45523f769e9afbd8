"""A call with a key that AWS does not accept.

AWS documents that CloudTrail records authenticated calls, and shows no record of a call with an unknown,
deleted or inactive key; whether one is ever written is open. The product must cope if one is, so here each
refusal is recorded, in the documented shape of a failed call. The emulator records none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.emulator.calls import KEY_FAILURES
from local.emulator.identity import unresolved
from local.emulator.settings import ACCOUNT
from local.emulator.trail.record import created_key

if TYPE_CHECKING:
    from local.emulator.calls import Answer, Call
    from local.emulator.trail.record import Record


def describe(call: Call, answer: Answer) -> Record | None:
    if call.scope is None or answer.error is None or answer.error.code not in KEY_FAILURES:
        return None
    return created_key(call, answer, unresolved(call.scope[0]), ACCOUNT)
