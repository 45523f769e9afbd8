"""Access key ids: in the form AWS gives them since about 2019, base32 with the account inside; and some of
the form before, whose account STS alone knows.
"""

from __future__ import annotations

import base64
import secrets
from typing import Final

from local.emulator.settings import ACCOUNT

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ACCOUNT_BITS: Final = 40
RANDOM_BITS: Final = 39
OLD_KEY_IDS: Final = {"AKIAJ5QM4XWZ7RTC2HVA": "444455556666", "AKIAI6PD3NKY2WSB7GUQ": ACCOUNT}


def key_id(prefix: str, account: str) -> str:
    """80 bits: one that marks the form, the account, and what makes the id unique."""
    marked = 1 << ACCOUNT_BITS | int(account)
    bits = marked << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    return prefix + base64.b32encode(bits.to_bytes(10, "big")).decode()
