"""AWS attaches its policy for leaked keys to a user: the record names the user, and not the key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.errors import TransientError
from tests.support.builders import NOON, an_event
from tests.support.fakes import FakeLedger, FakeSignalQueue
from tests.support.iam_account import IamAccount
from tests.support.iam_records import on_alice
from tests.support.ledgers import a_tracker

if TYPE_CHECKING:
    from typing import Any

    from lambdas.aws.domain.iam_events import IamEvent

V3 = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
LATER = NOON + timedelta(minutes=1)


def attached(policy: object = V3, **fields: Any) -> IamEvent | None:
    return parse_iam_event(an_event(on_alice("AttachUserPolicy", policyArn=policy) | fields))


def track(account: IamAccount, event: IamEvent | None) -> FakeSignalQueue:
    ledger, signals = FakeLedger(), FakeSignalQueue()
    tracker = a_tracker(account, LATER, ledger, signals)
    for recorded in account.events:
        tracker.track(recorded)
    assert event is not None
    tracker.track(event)
    return signals


def alice() -> IamAccount:
    account = IamAccount()
    account.create_user("alice", NOON - timedelta(days=2))
    return account


def test_each_key_of_the_quarantined_user_is_reported_with_who_attached_the_policy() -> None:
    account = alice()
    keys = [account.create_key("alice", NOON - timedelta(days=1)) for _ in range(2)]
    reported = track(account, attached()).leaks
    assert [change.access_key_id for change in reported] == keys
    assert {(it.event_name, it.at, it.by) for it in reported} == {
        ("AttachUserPolicy", NOON, "user/staff/bob")
    }


def test_the_keys_of_a_user_that_was_renamed_since_are_reported() -> None:
    account = alice()
    key = account.create_key("alice", NOON - timedelta(days=1))
    account.rename("alice", "alicia", LATER)
    assert [it.access_key_id for it in track(account, attached()).leaks] == [key]


def test_a_quarantine_of_a_user_without_keys_or_without_existence_reports_nothing() -> None:
    assert track(alice(), attached()).leaks == []
    assert track(IamAccount(), attached()).leaks == []


def test_a_quarantine_is_retried_while_iam_does_not_list_the_keys() -> None:
    account = alice()
    account.create_key("alice", NOON - timedelta(days=1))
    account.denied = {"ListAccessKeys"}
    with pytest.raises(TransientError):
        track(account, attached())


@pytest.mark.parametrize(
    "policy",
    [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/NoAWSCompromisedKeyQuarantineV3",
        "arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantineV3/other",
        "",
        None,
        7,
    ],
)
def test_no_other_attachment_is_read(policy: object) -> None:
    assert attached(policy) is None


def test_an_attachment_that_iam_refused_is_not_read() -> None:
    assert attached(errorCode="AccessDenied") is None
