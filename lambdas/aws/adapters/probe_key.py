"""A key that is known to exist, used to check that IAM look-ups work.

IAM may answer a look-up without permission as it answers for an unknown key (aws-facts 4.4). The probe key is
stored in the lease table, so that each new worker need not search for one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dynamodb import ItemTable
from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.adapters.ttl_cache import TtlCache
from lambdas.aws.domain.iam import Resolved
from lambdas.errors import TransientError

PROBE_ITEM = "probe-key"  # the permissions name it
_KEY = {"name": PROBE_ITEM}
_MAX_USERS_SEARCHED = 200
_SECONDS_BETWEEN_CHECKS = 3600.0


class IamProbeKey:
    def __init__(
        self,
        iam: IamReader,
        clients: Clients,
        lease_table: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._iam = iam
        self._table = ItemTable(clients, lease_table)
        self._stored = ""
        self._checks: TtlCache[str | None] = TtlCache(_SECONDS_BETWEEN_CHECKS, clock)

    def confirm_lookup_works(self, candidates: Collection[str]) -> str:
        for candidate in candidates:
            if self._resolves(candidate):
                return candidate
        stored = self._load()
        return stored if self._resolves(stored) else self._replace()

    def check_lookup_works(self) -> None:
        """Believes a successful check for an hour; a failed one is repeated by the next call."""
        self._checks.get(PROBE_ITEM, self._check)

    def _check(self) -> str | None:
        """None, which is not believed for an hour, if there is no key to check with."""
        return self.confirm_lookup_works([]) if self._load() else None

    def _replace(self) -> str:
        found = self._search()
        if found and not self._resolves(found):
            raise TransientError("iam:GetAccessKeyLastUsed does not resolve a key that exists")
        self._stored = found
        if found:  # an account without keys may have one tomorrow
            with aws_errors("dynamodb:probe-key"):
                self._table.replace(_KEY | {"accessKeyId": found})
        return found

    def _load(self) -> str:
        """Empty if none is stored. The key may have been deleted since."""
        if not self._stored:
            with aws_errors("dynamodb:probe-key"):
                self._stored = self._table.get(_KEY).get("accessKeyId", "")
        return self._stored

    def _resolves(self, access_key_id: str) -> bool:
        return bool(access_key_id) and isinstance(self._iam.look_up(access_key_id), Resolved)

    def _search(self) -> str:
        """Any key of any user. Empty if a complete listing has none: then no key is of this account."""
        for searched, user_name in enumerate(self._iam.user_names()):
            if searched == _MAX_USERS_SEARCHED:
                raise TransientError(
                    f"none of {searched} users has a key by which to check iam:GetAccessKeyLastUsed"
                )
            for key in self._iam.list_keys(user_name) or ():
                return key.access_key_id
        return ""
