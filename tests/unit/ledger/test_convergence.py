"""Late, repeated, reordered or lost records, and a sync after them, produce the same ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG, SECRET_TAG
from lambdas.ledger.domain.key_entry import DELETED
from tests.support.builders import NOON
from tests.support.iam_account import BY, IamAccount
from tests.support.ledgers import a_sync, tracked

if TYPE_CHECKING:
    from random import Random

    from lambdas.aws.domain.iam_events import IamEvent
    from tests.support.fakes import FakeLedger

NAMES = ("alice", "bob", "carol")
ON_USERS = ("create", "delete", "rename")
ON_KEYS = ("key", "on", "off", "unkey", "tag", "untag")
Step = tuple[str, str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ON_USERS + ON_KEYS),
        st.sampled_from(NAMES),
        st.integers(0, 3),
        st.sampled_from([0, 0, 1, 90]),
    ),
    min_size=5,
    max_size=30,
)
ORDER = st.randoms(use_true_random=False)


@settings(max_examples=300)
@given(steps=STEPS, order=ORDER)
def test_any_order_and_repetition_of_records_produces_iams_state(steps: list[Step], order: Random) -> None:
    account, end = run_steps(steps)
    twice = [*account.events, *account.events]
    order.shuffle(twice)
    for events in (account.events, twice):
        ledger = tracked(account, events, end)
        if is_unambiguous(account):
            assert_matches_iam(ledger, account)
        assert_has_actors(ledger, events)
        assert synchronised(ledger, account, end)
        assert_matches_iam(ledger, account)
        assert_has_actors(ledger, events)
        assert {*ledger.entries} == {event.access_key_id for event in account.events} - {""}


@settings(max_examples=300)
@given(steps=STEPS, order=ORDER, data=st.data())
def test_the_next_sync_repairs_the_effect_of_lost_records(
    steps: list[Step], order: Random, data: st.DataObject
) -> None:
    account, end = run_steps(steps)
    delivered = [event for event in account.events if data.draw(st.booleans())]
    order.shuffle(delivered)
    ledger = tracked(account, delivered, end)
    synchroniser = a_sync(account, ledger, end + timedelta(hours=1))
    assert synchroniser.synchronise(lambda: 300, only_if_due=False)
    assert_matches_iam(ledger, account)
    known = {event.access_key_id for event in delivered} - {""}
    assert known <= {*ledger.entries}, "nothing is forgotten"


def is_unambiguous(account: IamAccount) -> bool:
    """If two users had the same name, were both renamed, and the second record arrives first, only the sync
    can determine which keys belong to whom (decision 8).
    """
    left = [event.user_name for event in account.events if event.event_name == "UpdateUser"]
    return len(left) == len(set(left))


def run_steps(steps: list[Step]) -> tuple[IamAccount, datetime]:
    """The account after all steps that are possible, and the time then."""
    account, at = IamAccount(), NOON
    for name in NAMES[:2]:
        account.create_user(name, at, {SECRET_TAG: f"of {name}"})
        account.create_key(name, at)
    for what, name, number, seconds in steps:
        # IAM can only resolve conflicts between changes of keys and tags in one second.
        at += timedelta(seconds=max(seconds, what in ON_USERS))
        if what == "create" and name not in account.there:
            account.create_user(name, at, {SECRET_TAG: f"of {name}"})
        elif name in account.there:
            _do(account, what, name, number, at)
    return account, at


def _do(account: IamAccount, what: str, name: str, number: int, at: datetime) -> None:
    keys = [*account.keys[name]]
    other = NAMES[number % len(NAMES)]
    if what == "delete":
        account.delete_user(name, at)
    elif what == "rename" and other not in account.there:
        account.rename(name, other, at)
    elif what == "tag":
        account.tag(name, CONTACT_TAG, f"person {number}", at)
    elif what == "untag":
        account.untag(name, CONTACT_TAG, at)
    elif what == "key":
        account.create_key(name, at)
    elif keys:
        _do_to_key(account, what, name, keys[number % len(keys)], at)


def _do_to_key(account: IamAccount, what: str, name: str, access_key_id: str, at: datetime) -> None:
    if what == "unkey":
        account.delete_key(name, access_key_id, at)
    elif what in {"on", "off"}:
        account.set_status(name, access_key_id, "Active" if what == "on" else "Inactive", at)


def assert_matches_iam(ledger: FakeLedger, account: IamAccount) -> None:
    """All existing users with id and tags, all existing keys with owner and status, and no others."""
    there = {name: user for name, user in ledger.users.items() if user.exists}
    assert {*there} == {*account.there}
    for name, user in account.there.items():
        assert (there[name].user_id or user).value == user.user_id  # type: ignore[union-attr] # set for every user that was created
        assert there[name].current_tags == user.tags
    expected = {
        key.access_key_id: (name, key.status) for name in account.keys for key in account.keys[name].values()
    }
    assert existing_keys(ledger) == expected


def assert_has_actors(ledger: FakeLedger, events: list[IamEvent]) -> None:
    """For each key that was last deactivated, by the only record of its second; also after a sync."""
    for key_id, entry in ledger.entries.items():
        changes = [event for event in events if event.access_key_id == key_id]
        at = max((event.at for event in changes), default=None)
        last = {event.status or "Active" for event in changes if event.at == at}
        if entry.state == "Inactive" and last == {"Inactive"}:
            assert entry.status is not None
            assert (entry.status.at, entry.status.by) == (at, BY)


def synchronised(ledger: FakeLedger, account: IamAccount, end: datetime) -> bool:
    synchroniser = a_sync(account, ledger, end + timedelta(hours=1))
    return synchroniser.synchronise(lambda: 300, only_if_due=False)


def existing_keys(ledger: FakeLedger) -> dict[str, tuple[str, str]]:
    entries = [
        ledger.owner_record(entry.owner, entry.access_key_id).current_key for entry in ledger.entries.values()
    ]
    return {
        entry.access_key_id: (entry.owner, entry.state)
        for entry in entries
        if entry is not None and entry.state != DELETED
    }
