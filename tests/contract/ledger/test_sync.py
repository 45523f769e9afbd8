"""The sync's progress, and what it reads from IAM, on moto."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.aws.adapters.iam import IamReader
from lambdas.errors import TransientError
from lambdas.ledger.adapters.sync_progress import DynamoSyncProgress
from lambdas.ledger.domain.sync_run import Phase, SyncRun
from tests.contract.incidents.test_incidents import Tables
from tests.support.builders import NOON

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

DAY = 24 * 60 * 60
CLAIM = timedelta(seconds=330)
STALE = timedelta(hours=6)


@dataclass
class Sync:
    """Any number of runs over one item, and a clock that tests set."""

    clients: Clients
    now: datetime = NOON

    def __post_init__(self) -> None:
        Tables(self.clients)

    @property
    def progress(self) -> DynamoSyncProgress:
        return DynamoSyncProgress(self.clients, "Leases", interval_seconds=DAY, clock=lambda: self.now)

    def begin(self) -> SyncRun:
        run = self.progress.acquire(only_if_due=False)
        assert run is not None
        return run

    def is_acquired(self, *, only_if_due: bool = False) -> bool:
        return self.progress.acquire(only_if_due=only_if_due) is not None


@pytest.fixture
def sync(clients: Clients) -> Sync:
    return Sync(clients)


def test_the_first_sync_is_due_and_starts_with_the_first_user(sync: Sync) -> None:
    assert sync.progress.acquire(only_if_due=True) == SyncRun(started_at=NOON)


def test_a_run_resumes_from_the_saved_marker_and_phase(sync: Sync) -> None:
    run = sync.begin()
    sync.progress.save(replace(run, marker="user-100"))
    sync.progress.release()
    sync.now += timedelta(minutes=1)
    assert sync.begin() == SyncRun(started_at=NOON, phase=Phase.USERS, marker="user-100", runs=2)
    sync.progress.save(replace(run, phase=Phase.GONE))
    sync.progress.release()
    assert sync.begin() == SyncRun(started_at=NOON, phase=Phase.GONE, runs=3)


@pytest.mark.parametrize("only_if_due", [True, False])
def test_an_unfinished_run_resumes_even_if_none_is_due(sync: Sync, *, only_if_due: bool) -> None:
    sync.begin()
    sync.progress.release()
    assert sync.is_acquired(only_if_due=only_if_due)


@pytest.mark.parametrize("only_if_due", [True, False])
def test_one_run_keeps_others_away_until_its_claim_expires(sync: Sync, *, only_if_due: bool) -> None:
    sync.progress.save(replace(sync.begin(), marker="user-100"))
    assert not sync.is_acquired(only_if_due=only_if_due)
    sync.now += CLAIM
    assert not sync.is_acquired(only_if_due=only_if_due)
    sync.now += timedelta(seconds=1)
    run = sync.progress.acquire(only_if_due=only_if_due)
    assert run == SyncRun(started_at=NOON, marker="user-100", runs=2)
    assert not sync.is_acquired(), "the second run has the claim now"


def test_the_next_sync_is_due_a_day_after_the_start_of_the_last(sync: Sync) -> None:
    run = sync.begin()
    sync.now += timedelta(minutes=20)
    sync.progress.complete(run)
    sync.now = NOON + timedelta(seconds=DAY - 1)
    assert not sync.is_acquired(only_if_due=True)
    sync.now += timedelta(seconds=1)
    assert sync.progress.acquire(only_if_due=True) == SyncRun(started_at=sync.now)


def test_a_requested_sync_starts_right_after_another(sync: Sync) -> None:
    sync.progress.complete(sync.begin())
    sync.now += timedelta(seconds=1)
    assert sync.begin() == SyncRun(started_at=sync.now)


def test_a_sync_that_was_not_resumed_for_hours_starts_again(sync: Sync) -> None:
    sync.progress.save(replace(sync.begin(), marker="user-100", phase=Phase.GONE))
    sync.now += STALE
    assert sync.progress.acquire(only_if_due=True) == SyncRun(
        started_at=NOON, phase=Phase.GONE, marker="user-100", runs=2
    )
    sync.now += CLAIM + timedelta(seconds=1)
    assert sync.progress.acquire(only_if_due=True) == SyncRun(started_at=sync.now)


def test_a_superseded_run_does_not_change_the_new_one(sync: Sync) -> None:
    old = sync.begin()
    sync.now += STALE + timedelta(seconds=1)
    new = sync.begin()
    sync.progress.save(replace(old, marker="user-100", phase=Phase.USES))
    sync.progress.release()
    assert sync.begin() == replace(new, runs=2)


def test_releasing_without_a_sync_changes_nothing(sync: Sync) -> None:
    sync.progress.release()
    assert sync.begin() == SyncRun(started_at=NOON)


def test_times_are_stored_in_seconds(sync: Sync) -> None:
    sync.now = NOON.replace(microsecond=999_999)
    assert sync.begin().started_at == NOON


def test_an_unavailable_table_is_a_transient_error(sync: Sync) -> None:
    run = sync.begin()
    sync.clients.dynamodb.delete_table(TableName="Leases")
    for call in (
        sync.begin,
        lambda: sync.progress.save(run),
        lambda: sync.progress.complete(run),
        sync.progress.release,
    ):
        with pytest.raises(TransientError, match="dynamodb:sync: ResourceNotFoundException"):
            call()


def a_page(*names: str, marker: str = "") -> dict[str, Any]:
    """moto answers with all users at once."""
    details = [
        {
            "UserName": name,
            "UserId": f"AIDA{name:0>16}",
            "Path": "/staff/",
            "CreateDate": NOON,
            "Tags": [{"Key": "team", "Value": f"of {name}"}],
        }
        for name in names
    ]
    return {"UserDetailList": details, "IsTruncated": bool(marker)} | ({"Marker": marker} if marker else {})


def test_all_users_are_read_page_by_page_with_their_tags(clients: Clients) -> None:
    inventory = IamReader(lambda: clients.iam)
    asked = {"Filter": ["User"], "MaxItems": 100}
    with Stubber(clients.iam) as stub:
        stub.add_response("get_account_authorization_details", a_page("alice", "bob", marker="m"), asked)
        last = a_page("carol")
        stub.add_response("get_account_authorization_details", last, asked | {"Marker": "m"})
        first, marker = inventory.users("")
        rest, end = inventory.users(marker)
    assert [user.name for user in (*first, *rest)] == ["alice", "bob", "carol"]
    assert {(user.path, user.created_at) for user in first} == {("/staff/", NOON)}
    assert rest[0].tags == {"team": "of carol"}
    assert (marker, end) == ("m", "")


def test_few_users_are_one_page(clients: Clients) -> None:
    clients.iam.create_user(UserName="alice", Path="/staff/", Tags=[{"Key": "team", "Value": "red"}])
    clients.iam.create_user(UserName="bob")
    users, end = IamReader(lambda: clients.iam).users("")
    assert {user.name: (user.path, user.tags) for user in users} == {
        "alice": ("/staff/", {"team": "red"}),
        "bob": ("/", {}),
    }
    assert end == ""


def test_an_account_without_users_is_one_empty_page(clients: Clients) -> None:
    assert IamReader(lambda: clients.iam).users("") == ((), "")


@pytest.mark.parametrize("code", ["Throttling", "AccessDenied"])
def test_a_rejected_page_is_a_transient_error(clients: Clients, code: str) -> None:
    with Stubber(clients.iam) as stub:
        stub.add_client_error("get_account_authorization_details", code)
        with pytest.raises(TransientError, match=code):
            IamReader(lambda: clients.iam).users("")


def test_a_user_is_described_as_in_the_inventory_and_shown_without_its_tags(
    clients: Clients,
) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
    name = "All+of=these,are.allowed@example_-0".ljust(64, "x")
    clients.iam.create_user(UserName=name, Path="/a/b/", Tags=[{"Key": "note", "Value": secret}])
    user = IamReader(lambda: clients.iam).describe(name)
    assert user is not None
    assert (user.name, user.path, user.tags) == (name, "/a/b/", {"note": secret})
    assert secret not in repr(user)
    assert user.created_at.tzinfo is UTC
    assert IamReader(lambda: clients.iam).users("") == ((user,), "")


def test_a_missing_user_is_none_and_an_unreadable_user_is_an_error(clients: Clients) -> None:
    iam = IamReader(lambda: clients.iam)
    assert iam.describe("nobody") is None
    assert iam.list_keys("nobody") is None
    for code in ("Throttling", "AccessDenied", "ServiceFailure"):
        with Stubber(clients.iam) as stub:
            stub.add_client_error("get_user", code)
            stub.add_client_error("list_access_keys", code)
            with pytest.raises(TransientError, match=code):
                iam.describe("alice")
            with pytest.raises(TransientError, match=code):
                iam.list_keys("alice")
