"""Real records of IAM calls, not written for these tests, and the ledger that they must produce.

They come from several accounts and years, and most are incomplete: the creation or deletion of many keys is
missing, and two accounts have users of the same name.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.aws.domain.iam import ROOT
from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.errors import PermanentError
from tests.support.builders import an_event
from tests.support.fakes import FakeLedger, FakeSignalQueue
from tests.support.iam_account import IamAccount
from tests.support.ledgers import a_tracker
from tests.support.paths import SHARED_DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.ledger.domain.key_entry import KeyEntry
    from lambdas.ledger.domain.user_entry import UserEntry

FILE = SHARED_DATA / "key_lifecycle.jsonl"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the real records are not here")
NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)

# key: owner, state, created, by, deleted, by
KEYS = {
    "AKIA5ZZZK44445XXFFVB": (ROOT, "Active", "2020-11-01T08:32:19", "root", "", ""),
    "AKIASWJJJ66ZZZII4IYY": ("tracy_stone", "Active", "2020-11-01T08:37:03", "root", "", ""),
    "AKIATFQR7NSCQLA2F4OD": (
        "malicious-iam-user",
        "Deleted",
        "2023-07-10T12:24:50",
        "user/bert-jan",
        "2023-07-10T12:28:24",
        "user/bert-jan",
    ),
    "AKIATFQR7NSC3ZO6PKAZ": (
        "stratus-red-team-backdoor-u-user",
        "Deleted",
        "",
        "",
        "2023-07-10T12:28:24",
        "user/bert-jan",
    ),
    "AKIAL80DWDVKKM0UXEER": (
        "stratus-red-team-backdoor-u-user",
        "Active",
        "2024-07-30T21:53:13",
        "user/christophe",
        "",
        "",
    ),
    "AKIAXAFZN8JEPF6L682H": (
        "malicious-iam-user",
        "Active",
        "2024-08-01T13:33:28",
        "user/christophe",
        "",
        "",
    ),
}
# user: is there, id, path, deleted, by, tags
STRATUS: dict[str, str] = {}  # its tag is not one that the ledger keeps
USERS: dict[str, tuple[bool, str, str, str, str, dict[str, str]]] = {
    "user": (True, "", "", "", "", {}),
    "tracy_stone": (True, "AIDA5ZXAKKKKQQ7PPPAYY", "/", "", "", {}),
    "malicious-iam-user": (
        True,
        "AIDAL1XMLVWIUOK8KAF0",
        "/",
        "2023-07-10T12:28:24",
        "user/bert-jan",
        STRATUS,
    ),
    "stratus-red-team-nmfalu-gfjyeaypjt": (
        False,
        "AIDATFQR7NSCYG26CT6RI",
        "/",
        "2023-07-10T12:28:34",
        "user/bert-jan",
        {},
    ),
    "stratus-red-team-backdoor-u-user": (
        False,
        "AIDATFQR7NSC6QQTBIHPQ",
        "/",
        "2023-07-10T12:28:35",
        "user/bert-jan",
        STRATUS,
    ),
}
# Invented examples among them, whose keys are called ABCDEFG (three times) and 1111.
REJECTED = ["the record names no access key id"] * 4


def records() -> list[dict[str, Any]]:
    return [json.loads(line)["record"] for line in FILE.read_text().splitlines()]


def shuffled(seed: int) -> list[dict[str, Any]]:
    mixed = records()
    Random(seed).shuffle(mixed)  # noqa: S311 -- the same orders in every run
    return mixed


def replayed(records: Iterable[dict[str, Any]]) -> tuple[FakeLedger, list[str]]:
    """The ledger, and why records were rejected."""
    account, ledger, signals = IamAccount(), FakeLedger(), FakeSignalQueue()
    tracker, refused = a_tracker(account, NOW, ledger, signals), []
    for record in records:
        try:
            event = parse_iam_event(an_event(record))
        except PermanentError as error:
            refused.append(str(error))
        else:
            if event:
                tracker.track(event)
    assert (account.calls, signals.predicted) == ([], []), (
        "no record conflicts, and no key is known to be in use"
    )
    return ledger, refused


def row_of_key(key: KeyEntry) -> tuple[str, str, str, str, str, str]:
    ended = key.deletion
    deleted, by = (to_text(ended.until), ended.by or "") if ended else ("", "")
    return key.owner, key.state, to_text(key.created_at), key.created_by, deleted, by


def row_of_user(user: UserEntry) -> tuple[bool, str, str, str, str, dict[str, str]]:
    deleted, by = next(((to_text(it.until), it.by or "") for it in user.deletions), ("", ""))
    user_id = user.user_id.value if user.user_id else ""
    return user.exists, user_id, user.path.value if user.path else "", deleted, by, user.current_tags


def to_text(at: datetime | None) -> str:
    return at.replace(tzinfo=None).isoformat() if at else ""


def assert_is_the_ledger_of_the_file(ledger: FakeLedger) -> None:
    assert {name: row_of_key(key) for name, key in ledger.entries.items()} == KEYS
    assert {name: row_of_user(user) for name, user in ledger.users.items()} == USERS
    assert all(len(user.deletions) <= 1 for user in ledger.users.values())


def test_the_records_yield_their_ledger_and_those_without_a_key_are_refused() -> None:
    ledger, refused = replayed(records())
    assert_is_the_ledger_of_the_file(ledger)
    assert refused == REJECTED


def test_the_records_reversed_or_repeated_yield_the_same_ledger() -> None:
    for order in (reversed(records()), records() * 2):
        assert_is_the_ledger_of_the_file(replayed(order)[0])


@pytest.mark.parametrize("seed", range(25))
def test_the_records_in_any_order_yield_the_same_ledger(seed: int) -> None:
    assert_is_the_ledger_of_the_file(replayed(shuffled(seed))[0])


def test_a_user_of_the_same_name_in_later_years_does_not_end_with_its_namesake() -> None:
    ledger, _ = replayed(records())
    young, old = "AKIAL80DWDVKKM0UXEER", "AKIATFQR7NSC3ZO6PKAZ"
    records_of = [ledger.owner_record("stratus-red-team-backdoor-u-user", key) for key in (young, old)]
    assert records_of[0].user_deletion is None
    assert [it.current_key.state for it in records_of if it.current_key] == ["Active", "Deleted"]
