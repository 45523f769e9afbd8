"""Access key ids of the old form, which do not carry their account.

AWS documents that GetAccessKeyInfo tells the account of any key's id, and STS knows those of the old form
too. The emulator, which never made one, knows none; so here it knows a few.
"""

from __future__ import annotations

from ministack.services import sts

from local.aws.key_ids import OLD_KEY_IDS


def fill() -> None:
    account_of = sts._access_key_account
    sts._access_key_account = lambda key: OLD_KEY_IDS.get(key) or account_of(key)
