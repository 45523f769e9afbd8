"""Requests to process a user's claim: by the tracker when tags change, and by the sync."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambdas.aws.iam_event_parser import parse_iam_event
from lambdas.errors import TransientError
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG
from lambdas.rotation.domain.rotation_state import RotationState
from tests.support.builders import NOON, an_event
from tests.support.fakes import FakeEnrolmentQueue, FakeLedger, FakeRotationService
from tests.support.iam_account import IamAccount
from tests.support.iam_records import an_iam_record
from tests.support.ledgers import a_sync, a_tracker

MINE, OTHER = "access-keys/alice", "access-keys/other"


def record(name: str, second: int = 0, untagged: tuple[str, ...] = (), **tags: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {"userName": "alice"}
    named = {"secret": SECRET_TAG, "mode": MODE_TAG, "team": "team"}
    if tags:
        parameters["tags"] = [{"key": named[tag], "value": value} for tag, value in tags.items()]
    if untagged:
        parameters["tagKeys"] = list(untagged)
    answer = {"user": {"userName": "alice", "userId": "AIDAALICE", "path": "/"}}
    more = {"responseElements": answer} if name == "CreateUser" else {}
    at = f"2026-03-14T12:00:{second:02}Z"
    return an_iam_record(name, requestParameters=parameters, **more) | {"eventTime": at}


def respelled(of: dict[str, Any], second: int = 1) -> dict[str, Any]:
    """The same with `Access-Key-Remediator:Secret` and the other likewise."""
    tags = [{"key": tag["key"].title(), "value": tag["value"]} for tag in of["requestParameters"]["tags"]]
    parameters = {**of["requestParameters"], "tags": tags}
    return of | {"requestParameters": parameters, "eventTime": f"2026-03-14T12:00:{second:02}Z"}


TAGGED = record("TagUser", secret=MINE, mode="auto")
CASES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("created with tags", [record("CreateUser", secret=MINE, mode="auto")], [("alice", "")]),
    ("tagged", [TAGGED], [("alice", "")]),
    ("another mode", [TAGGED, record("TagUser", 1, mode="notify")], [("alice", ""), ("alice", MINE)]),
    ("another secret", [TAGGED, record("TagUser", 1, secret=OTHER)], [("alice", ""), ("alice", MINE)]),
    ("untagged", [TAGGED, record("UntagUser", 1, (MODE_TAG,))], [("alice", ""), ("alice", MINE)]),
    ("another tag", [record("TagUser", team="blue"), record("UntagUser", 1, ("team",))], []),
    ("created without tags", [record("CreateUser")], []),
    ("in other letters", [TAGGED, respelled(TAGGED)], [("alice", ""), ("alice", MINE)]),
    (
        "untagged in other letters",
        [TAGGED, record("UntagUser", 1, (MODE_TAG.upper(),))],
        [("alice", ""), ("alice", MINE)],
    ),
]


@pytest.mark.parametrize(("what", "records", "asked"), CASES, ids=[c[0] for c in CASES])
def test_the_tracker_requests_enrolment_when_an_enrolment_tag_changes(
    what: str, records: list[dict[str, Any]], asked: list[tuple[str, str]]
) -> None:
    enrolments = FakeEnrolmentQueue()
    tracker = a_tracker(IamAccount(), NOON, enrolments=enrolments)
    for it in records:
        event = parse_iam_event(an_event(it))
        assert event is not None
        tracker.track(event)
    assert enrolments.asked == asked, what
    assert {*enrolments.changed_by} <= {"user/staff/bob"}


@pytest.mark.parametrize(("tags", "asked"), [({SECRET_TAG: MINE}, [("alicia", "")]), ({"team": "blue"}, [])])
def test_the_enrolment_of_a_renamed_user_is_requested_under_its_new_name(
    tags: dict[str, str], asked: list[tuple[str, str]]
) -> None:
    account, enrolments = IamAccount(), FakeEnrolmentQueue()
    account.create_user("alice", NOON, tags)
    account.rename("alice", "alicia", NOON)
    a_tracker(account, NOON, enrolments=enrolments).track(account.events[-1])
    assert enrolments.asked == asked


class FailingQueue(FakeEnrolmentQueue):
    def process_soon(self, user_name: str, previous_secret: str = "", changed_by: str = "") -> None:
        super().process_soon(user_name, previous_secret, changed_by)
        raise TransientError("sqs:SendMessage: AccessDenied")


def test_a_record_whose_message_was_lost_requests_the_same_secret_at_its_next_delivery() -> None:
    ledger, enrolments = FakeLedger(), FakeEnrolmentQueue()
    untagged = parse_iam_event(an_event(record("UntagUser", 1, (SECRET_TAG,))))
    tagged = parse_iam_event(an_event(TAGGED))
    assert tagged is not None
    assert untagged is not None
    a_tracker(IamAccount(), NOON, ledger).track(tagged)
    with pytest.raises(TransientError):
        a_tracker(IamAccount(), NOON, ledger, enrolments=FailingQueue()).track(untagged)
    a_tracker(IamAccount(), NOON, ledger, enrolments=enrolments).track(untagged)
    assert enrolments.asked == [("alice", MINE)]


def test_a_sync_requests_enrolment_for_users_with_an_enrolment_tag_and_for_formerly_enrolled_users() -> None:
    account, enrolments = IamAccount(), FakeEnrolmentQueue()
    account.create_user("alice", NOON, {SECRET_TAG: MINE, MODE_TAG: "auto"})
    account.create_user("bob", NOON, {SECRET_TAG: "access-keys/bob"})
    account.create_user("carol", NOON, {"team": "blue"})
    states = {
        name: RotationState(secret_name=name, user_name=user, version=1)
        for name, user in (
            ("access-keys/carol", "carol"),
            ("access-keys/gone", "gone"),
            ("access-keys/x", ""),
        )
    }
    sync = a_sync(
        account,
        FakeLedger(),
        NOON + timedelta(hours=1),
        enrolments=enrolments,
        rotations=FakeRotationService(states=states),
    )
    assert sync.synchronise(lambda: 300, only_if_due=False)
    assert enrolments.asked == [
        ("alice", ""),
        ("bob", ""),
        ("carol", "access-keys/carol"),
        ("gone", "access-keys/gone"),
    ]
