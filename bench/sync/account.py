"""An account to sync: of each three users, one has no key, one has one and one has two. All have tags."""

from __future__ import annotations

from dataclasses import dataclass

from bench.moto.history import ACCOUNT
from bench.moto.tables import LEASES, LEDGER, create_tables
from bench.processes import REGION
from lambdas.handlers.bootstrap.function_settings import SyncSettings

USERS_A_PAGE = 100
_ONE_DAY = 24 * 60 * 60
_TAGS = {"team": "payments", "access-key-remediator:contact": "payments@example.com"}


@dataclass(frozen=True)
class SyncAccount:
    users: int

    @property
    def keys(self) -> int:
        return sum(map(_keys_of, range(self.users)))

    @property
    def pages(self) -> int:
        return -(-self.users // USERS_A_PAGE)

    def fill_iam(self) -> None:
        """Runs in the server's process, which saves thousands of requests."""
        from moto.iam.models import iam_backends  # noqa: PLC0415 -- not where memory is measured

        iam = iam_backends[ACCOUNT]["aws"]
        for number in range(self.users):
            name = f"user-{number:05}"
            iam.create_user(REGION, name, tags=[{"Key": key, "Value": value} for key, value in _TAGS.items()])
            for _ in range(_keys_of(number)):
                iam.create_access_key(name)


def _keys_of(number: int) -> int:
    return number % 3


def deploy_sync() -> SyncSettings:
    create_tables()
    return SyncSettings(
        account=ACCOUNT,
        partition="aws",
        ledger_table_name=LEDGER,
        lease_table_name=LEASES,
        sync_interval_seconds=_ONE_DAY,
        enrolment_queue_url="nobody of the account is enrolled",
    )
