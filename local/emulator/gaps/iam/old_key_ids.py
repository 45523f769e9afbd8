"""Access key ids of the old form, which do not carry their account.

AWS documents that GetAccessKeyInfo returns the account of a key's id; that for one of the old form nothing
else does is inferred (aws-facts 4.3). The emulator, which never made one, knows none; so here it knows a few.
"""

from __future__ import annotations

from ministack.services import sts

from local.emulator.key_ids import OLD_KEY_IDS


def fill() -> None:
    account_of = sts._access_key_account
    sts._access_key_account = lambda key: OLD_KEY_IDS.get(key) or account_of(key)
