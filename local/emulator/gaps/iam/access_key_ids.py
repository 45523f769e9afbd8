"""The form of access key ids and unique ids.

AWS's ids are base32; the fifth character of those issued since about 2019 is one of Q to Z and 2 to 7, and
the 40 bits after that mark are the account (published research, confirmed on thousands of ids; AWS documents
the prefixes alone). A user's or role's unique id is one character longer. The emulator's ids are hexadecimal
and say nothing of the account.
"""

from __future__ import annotations

import secrets

from ministack.core.responses import get_account_id
from ministack.services import iam, sts

from local.emulator.key_ids import ALPHABET, key_id


def fill() -> None:
    iam._gen_access_key_id = lambda: key_id("AKIA", get_account_id())
    iam._gen_session_access_key = lambda: key_id("ASIA", get_account_id())
    sts._gen_session_access_key = iam._gen_session_access_key
    iam._gen_id = lambda prefix="AIDA": key_id(prefix, get_account_id()) + secrets.choice(ALPHABET)
