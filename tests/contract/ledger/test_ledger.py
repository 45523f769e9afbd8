"""The contract of the ledger, for the fake and for the adapter on moto's DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from lambdas.aws.domain.iam import ROOT, LastUse
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.near_miss import single_near_miss
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.owner_record import OwnerRecord
from lambdas.ledger.domain.user_entry import UserEntry
from lambdas.ledger.ports import MAX_RECENT_KEYS
from tests.support.builders import NOON, key_id
from tests.support.entries import NAME_CHARACTERS
from tests.support.fakes import FakeLedger
from tests.support.ledger_on_moto import TABLE, LedgerOnMoto

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients
    from lambdas.ledger.adapters.ledger_table import DynamoLedger
    from lambdas.ledger.ports import Ledger

KEY = key_id()
LATER = NOON + timedelta(minutes=1)
LONG_NAME = "x" * 64
ODD_NAME = "All+of=these,are.allowed@example_-0"


def a_key(access_key_id: str = KEY, owner: str = "alice", status: str = "Active") -> KeyEntry:
    return KeyEntry(
        access_key_id=access_key_id,
        owner_name=Observed(value=owner, at=NOON, by="user/admin"),
        created_at=NOON,
        recorded_status=Observed(value=status, at=NOON),
    )


def a_user(name: str = "alice") -> UserEntry:
    return UserEntry(
        name=name, user_id=Observed(value="AIDAALICE", at=NOON), path=Observed(value="/a/b/", at=NOON)
    )


@pytest.fixture
def on_moto(clients: Clients) -> LedgerOnMoto:
    return LedgerOnMoto(clients)


@pytest.fixture(params=["fake", "moto"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "fake":
        return FakeLedger()
    on_moto: LedgerOnMoto = request.getfixturevalue("on_moto")
    return on_moto.ledger


def test_an_unknown_key_or_user_is_none(ledger: Ledger) -> None:
    assert ledger.key(KEY) is None
    assert ledger.user("alice") is None
    assert ledger.owner_record("alice", KEY) == OwnerRecord()
    assert ledger.recent_keys("alice") == ()


def test_a_key_is_read_as_it_was_merged(ledger: Ledger) -> None:
    used = KeyEntry(access_key_id=KEY, last_use=LastUse(at=NOON, service="sts", region="N/A"))
    deleted = KeyEntry(access_key_id=KEY, deletion=recorded(LATER, "user/bob"))
    assert ledger.merge_key(a_key()) == ledger.key(KEY) == a_key()
    ledger.merge_key(used)
    whole = replace(a_key(), last_use=used.last_use, deletion=deleted.deletion)
    assert ledger.merge_key(deleted) == ledger.key(KEY) == whole


def test_a_user_is_read_as_it_was_merged(ledger: Ledger) -> None:
    tags: dict[str, Observed[str | None]] = {
        CONTACT_TAG: Observed(value="red", at=NOON),
        key_id(2): Observed(value=None, at=NOON, by="user/bob"),
    }
    tagged = UserEntry(name="alice", tags=tags)
    assert ledger.merge_user(a_user()) == ledger.user("alice") == a_user()
    assert ledger.merge_user(tagged) == ledger.user("alice") == replace(a_user(), tags=tags)


@pytest.mark.parametrize("status", ["Active", "Inactive", "Expired"])
def test_every_status_of_iam_is_kept_unchanged(ledger: Ledger, status: str) -> None:
    ledger.merge_key(a_key(status=status))
    entry = ledger.key(KEY)
    assert entry is not None
    assert entry.state == status


@pytest.mark.parametrize("name", [ODD_NAME, LONG_NAME, NAME_CHARACTERS[:64], NAME_CHARACTERS[-64:], ROOT])
@pytest.mark.parametrize("keys", [0, 1, 2, 3])
def test_an_owner_of_any_name_is_read_with_its_own_keys_only(ledger: Ledger, name: str, keys: int) -> None:
    ledger.merge_user(a_user(name))
    ledger.merge_user(a_user("somebody"))
    ledger.merge_key(a_key(key_id(99), "somebody"))
    for number in range(keys):
        ledger.merge_key(a_key(key_id(number), name))
    record = ledger.owner_record(name, key_id(0))
    assert record.user == a_user(name)
    assert record.key == (a_key(key_id(0), name) if keys else None)
    found = {key.access_key_id for key in ledger.recent_keys(name)}
    assert found == {key_id(number) for number in range(keys)}


def test_names_that_differ_only_in_case_are_two_entries(ledger: Ledger) -> None:
    ledger.merge_user(a_user("alice"))
    ledger.merge_key(a_key(owner="Alice"))
    assert ledger.user("Alice") is None
    assert ledger.recent_keys("alice") == ()


def test_a_key_follows_its_owner_to_another_name(ledger: Ledger) -> None:
    ledger.merge_key(a_key())
    ledger.merge_key(KeyEntry(access_key_id=KEY, owner_name=Observed(value="bob", at=LATER)))
    assert ledger.recent_keys("alice") == ()
    assert [key.access_key_id for key in ledger.recent_keys("bob")] == [KEY]


@pytest.mark.parametrize("typo", [KEY[:-1] + "Z", KEY[:14] + "Z" + KEY[15:], KEY[1:], KEY[:5] + KEY[4:]])
def test_a_near_miss_is_found_by_its_tail_or_its_middle(ledger: Ledger, typo: str) -> None:
    ledger.merge_key(a_key())
    ledger.merge_user(a_user())
    found = {**ledger.keys_with_tail(typo), **ledger.keys_with_middle(typo)}
    assert found == {KEY: "alice"}
    assert single_near_miss(typo, found.keys()) == KEY


def test_a_key_with_the_same_tail_is_found_even_if_its_owner_is_unknown(ledger: Ledger) -> None:
    ledger.merge_key(KeyEntry(access_key_id=KEY, created_at=NOON))
    assert ledger.keys_with_tail(KEY) == ledger.keys_with_middle(KEY) == {KEY: ""}


def test_an_id_with_another_tail_and_middle_finds_nothing(ledger: Ledger) -> None:
    ledger.merge_key(a_key())
    assert ledger.keys_with_tail("AKIAQQQQQQQQQQQQQQQQ") == {}
    assert ledger.keys_with_middle("AKIAQQQQQQQQQQQQQQQQ") == {}


def ids(entries: list[KeyEntry]) -> set[str]:
    return {entry.access_key_id for entry in entries}


def test_only_existing_keys_of_users_count_as_not_listed_or_not_checked(ledger: Ledger) -> None:
    seen = replace(a_key(key_id(2)), last_listed_at=LATER, use_checked_at=NOON)
    asked = replace(a_key(key_id(3)), last_listed_at=NOON, use_checked_at=LATER)
    dead = replace(a_key(key_id(4)), deletion=recorded(LATER, "user/bob"))
    for key in (a_key(key_id(1)), seen, asked, dead, a_key(key_id(5), ROOT)):
        ledger.merge_key(key)
    ledger.merge_user(a_user())
    assert ids(list(ledger.keys_not_listed_since(LATER))) == {key_id(1), key_id(3)}
    assert ids(list(ledger.keys_not_checked_since(LATER))) == {key_id(1), key_id(2)}


def test_only_existing_users_count_as_not_listed(ledger: Ledger) -> None:
    gone = replace(a_user("gone"), deletions=(recorded(LATER, "user/bob"),))
    renamed = replace(a_user("renamed"), renamings=(Observed(value="other", at=LATER),))
    again = replace(gone, name="again", user_id=Observed(value="AIDAAGAIN", at=LATER + timedelta(seconds=1)))
    for user in (a_user(), replace(a_user("seen"), last_listed_at=LATER), gone, renamed, again):
        ledger.merge_user(user)
    ledger.merge_key(a_key())
    assert {user.name for user in ledger.users_not_listed_since(LATER)} == {"alice", "again"}


def test_all_pages_of_a_large_ledger_are_read(on_moto: LedgerOnMoto) -> None:
    """DynamoDB ends a page at 1 MB."""
    much: dict[str, Observed[str | None]] = {CONTACT_TAG: Observed(value="x" * 200_000, at=NOON)}
    names = {f"user-{number}" for number in range(12)}
    for number, name in enumerate(sorted(names)):
        on_moto.ledger.merge_user(replace(a_user(name), tags=much))
        on_moto.ledger.merge_key(a_key(key_id(number), name))
    on_moto.calls.clear()
    assert {user.name for user in on_moto.ledger.users_not_listed_since(LATER)} == names
    assert len(on_moto.calls) > 1
    assert len(list(on_moto.ledger.keys_not_listed_since(LATER))) == len(names)
    assert len(list(on_moto.ledger.keys_not_checked_since(LATER))) == len(names)


def test_a_name_that_had_very_many_keys_takes_one_bounded_query_that_finds_the_last_ones(
    on_moto: LedgerOnMoto,
) -> None:
    on_moto.ledger.merge_key(a_key(key_id(0)))
    for number in range(1, 2 * MAX_RECENT_KEYS):
        ended = replace(
            a_key(key_id(number)), deletion=recorded(NOON + timedelta(minutes=number % 50), "user/ci")
        )
        on_moto.ledger.merge_key(ended)
    on_moto.calls.clear()
    recent = on_moto.ledger.recent_keys("alice")
    assert on_moto.calls == ["Query"]
    assert len(recent) == MAX_RECENT_KEYS
    assert recent[0].access_key_id == key_id(0)
    ends = [key.deletion.until for key in recent[1:] if key.deletion]
    assert (ends[0], min(ends)) == (NOON + timedelta(minutes=49), NOON + timedelta(minutes=25))


def test_an_owner_takes_one_request_and_a_near_miss_two(on_moto: LedgerOnMoto) -> None:
    for number in range(50):
        on_moto.ledger.merge_key(a_key(key_id(number), "alice"))
    on_moto.calls.clear()
    assert on_moto.ledger.owner_record("alice", KEY).key == a_key()
    assert on_moto.calls == ["BatchGetItem"]
    on_moto.calls.clear()
    on_moto.ledger.keys_with_tail(KEY)
    on_moto.ledger.keys_with_middle(KEY)
    assert on_moto.calls == ["Query", "Query"]


def test_an_unchanged_entry_is_not_written(on_moto: LedgerOnMoto) -> None:
    on_moto.ledger.merge_key(a_key())
    on_moto.ledger.merge_user(a_user())
    items = on_moto.item(KEY), on_moto.item("user:alice")
    on_moto.calls.clear()
    assert on_moto.ledger.merge_key(a_key()) == a_key()
    assert on_moto.ledger.merge_user(a_user()) == a_user()
    assert on_moto.calls == ["GetItem", "GetItem"]
    assert (on_moto.item(KEY), on_moto.item("user:alice")) == items


def interfere(on_moto: LedgerOnMoto, times: int, write: Callable[[DynamoLedger, int], object]) -> None:
    """Another worker writes before each of the next writes."""
    left = [times]

    def before(**_: object) -> None:
        if left[0] > 0:
            left[0] -= 1
            events.unregister("before-call.dynamodb.PutItem", before)
            write(on_moto.ledger, left[0])
            events.register("before-call.dynamodb.PutItem", before)

    events = on_moto.clients.dynamodb.meta.events
    events.register("before-call.dynamodb.PutItem", before)


def use_at(ledger: DynamoLedger, number: int) -> None:
    at = NOON + timedelta(hours=9 - number)
    ledger.merge_key(KeyEntry(access_key_id=KEY, last_use=LastUse(at=at, service="s3", region="N/A")))


@pytest.mark.parametrize("is_new", [True, False])
def test_a_concurrent_write_is_not_lost(on_moto: LedgerOnMoto, *, is_new: bool) -> None:
    if not is_new:
        on_moto.ledger.merge_key(KeyEntry(access_key_id=KEY, created_at=NOON))
    interfere(on_moto, 1, use_at)
    entry = on_moto.ledger.merge_key(a_key())
    assert entry == on_moto.ledger.key(KEY)
    assert (entry.owner, entry.last_use is not None) == ("alice", True)


def test_a_concurrent_write_to_a_user_is_not_lost(on_moto: LedgerOnMoto) -> None:
    interfere(on_moto, 1, lambda ledger, _: ledger.merge_user(replace(a_user(), last_listed_at=NOON)))
    assert on_moto.ledger.merge_user(a_user()) == replace(a_user(), last_listed_at=NOON)


def test_four_concurrent_writes_are_retried_and_a_fifth_raises_busy_error(
    on_moto: LedgerOnMoto,
) -> None:
    interfere(on_moto, 4, use_at)
    assert on_moto.ledger.merge_key(a_key()).owner == "alice"
    interfere(on_moto, 5, lambda ledger, number: use_at(ledger, number - 5))
    with pytest.raises(BusyError):
        on_moto.ledger.merge_key(a_key(owner="bob"))


def test_of_many_ids_those_with_an_entry_are_known(ledger: Ledger) -> None:
    """More than one request can ask for, and in more than one page."""
    ids = [key_id(number) for number in range(1, 251)]
    for one in (ids[0], ids[120], ids[249]):
        ledger.merge_key(a_key(one))
    assert ledger.known_keys(ids) == {ids[0], ids[120], ids[249]}


def test_ids_that_dynamodb_did_not_process_are_asked_for_again_a_few_times(on_moto: LedgerOnMoto) -> None:
    rest = {TABLE: {"Keys": [{"accessKeyId": {"S": KEY}}]}}
    with Stubber(on_moto.clients.dynamodb) as stub:
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})
        found = {"Responses": {TABLE: [{"accessKeyId": {"S": KEY}}]}, "UnprocessedKeys": {}}
        stub.add_response("batch_get_item", found)
        assert on_moto.ledger.known_keys([KEY]) == {KEY}
        for _ in range(3):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})
        with pytest.raises(BusyError):
            on_moto.ledger.known_keys([KEY])


OPERATIONS: dict[str, Callable[[Ledger], object]] = {
    "key": lambda ledger: ledger.key(KEY),
    "known_keys": lambda ledger: ledger.known_keys([KEY]),
    "user": lambda ledger: ledger.user("alice"),
    "owner_record": lambda ledger: ledger.owner_record("alice", KEY),
    "recent_keys": lambda ledger: ledger.recent_keys("alice"),
    "keys_with_tail": lambda ledger: ledger.keys_with_tail(KEY),
    "keys_with_middle": lambda ledger: ledger.keys_with_middle(KEY),
    "merge_key": lambda ledger: ledger.merge_key(a_key()),
    "merge_user": lambda ledger: ledger.merge_user(a_user()),
    "keys_not_listed_since": lambda ledger: list(ledger.keys_not_listed_since(NOON)),
    "keys_not_checked_since": lambda ledger: list(ledger.keys_not_checked_since(NOON)),
    "users_not_listed_since": lambda ledger: list(ledger.users_not_listed_since(NOON)),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unavailable_ledger_is_a_transient_error(on_moto: LedgerOnMoto, operation: str) -> None:
    on_moto.clients.dynamodb.delete_table(TableName=TABLE)
    with pytest.raises(TransientError, match="dynamodb:ledger: ResourceNotFoundException"):
        OPERATIONS[operation](on_moto.ledger)


def test_a_rejected_write_is_a_transient_error(on_moto: LedgerOnMoto) -> None:
    with Stubber(on_moto.clients.dynamodb) as stub:
        stub.add_response("get_item", {})
        stub.add_client_error("put_item", "ProvisionedThroughputExceededException")
        with pytest.raises(TransientError, match="ProvisionedThroughputExceededException"):
            on_moto.ledger.merge_key(a_key())
    assert on_moto.ledger.key(KEY) is None
