"""Who used a key, by CloudTrail's history: over a client that answers with what a test gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from lambdas.aws.adapters.cloudtrail_history import CloudTrailHistory
from lambdas.errors import BusyError, TransientError
from tests.support.builders import NOON, a_record, key_id

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

    from lambdas.aws.domain.iam import Usage

KEY = key_id()
HERE, HOME = "eu-central-1", "us-east-1"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"


@dataclass
class Time:
    """A clock that only waiting moves, and tests."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Trail:
    """The histories by region, as pages of records. `asked` are the requests: when, where, what for."""

    pages: dict[str, list[list[dict[str, Any]]]] = field(default_factory=dict)
    time: Time = field(default_factory=Time)
    asked: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def history(self, regions: tuple[str, ...] = ()) -> CloudTrailHistory:
        return CloudTrailHistory(
            lambda region: cast("CloudTrailClient", Client(self, region)),
            iam_region=HOME,
            region=HERE,
            regions=regions,
            timer=self.time,
        )

    @property
    def regions_asked(self) -> list[str]:
        return [region for _, region, _ in self.asked]


@dataclass
class Client:
    trail: Trail
    region: str

    def lookup_events(self, **request: Any) -> dict[str, Any]:
        self.trail.asked.append((self.trail.time.now, self.region, request))
        if self.trail.errors:
            raise ClientError({"Error": {"Code": self.trail.errors.pop(0)}}, "LookupEvents")
        pages = self.trail.pages.get(self.region, [[]])
        number = int(request.get("NextToken", 0))
        events = [{"CloudTrailEvent": json.dumps(record)} for record in pages[number]]
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        return {"Events": events} | more


def a_call(minute: int = 0, **changes: Any) -> dict[str, Any]:
    time = f"2026-03-14T11:{minute:02}:00Z"
    return a_record(KEY, errorCode=None, errorMessage=None, eventTime=time, **changes)


def rows(usages: tuple[Usage, ...]) -> list[tuple[str, str, str, int, int]]:
    return [(it.caller.source, it.service, it.region, it.calls, it.last_at.minute) for it in usages]


def test_calls_are_counted_by_caller_service_and_region_most_calls_first() -> None:
    here = [a_call(1), a_call(5), a_call(3), a_call(4, eventSource="s3.amazonaws.com")]
    here += [a_call(2, sourceIPAddress="198.51.100.1"), a_call(6, sourceIPAddress="198.51.100.1")]
    home = [a_call(7, awsRegion=HOME)]
    trail = Trail({HERE: [here], HOME: [home]})
    assert rows(trail.history().count_usage(KEY, [])) == [
        ("203.0.113.7", "sts", HERE, 3, 5),
        ("198.51.100.1", "sts", HERE, 2, 6),
        ("203.0.113.7", "s3", HERE, 1, 4),
        ("203.0.113.7", "sts", HOME, 1, 7),
    ]
    [(_, _, request), *_] = trail.asked
    assert request["LookupAttributes"] == [{"AttributeKey": "AccessKeyId", "AttributeValue": KEY}]


@pytest.mark.parametrize(
    "code",
    ["InvalidClientTokenId", "Client.AuthFailure", "InvalidAccessKeyId", "SignatureDoesNotMatch"],
)
def test_a_call_that_aws_refused_because_of_its_key_is_not_counted(code: str) -> None:
    assert Trail({HERE: [[a_call() | {"errorCode": code}]]}).history().count_usage(KEY, []) == ()


def test_a_call_that_was_denied_for_a_missing_permission_is_counted() -> None:
    denied = a_call() | {"errorCode": "AccessDenied"}
    assert len(Trail({HERE: [[denied]]}).history().count_usage(KEY, [])) == 1


@pytest.mark.parametrize(
    "record",
    [
        a_call() | {"userIdentity": {"accessKeyId": key_id(2)}},
        a_call() | {"userIdentity": None},
        a_call() | {"eventTime": "yesterday"},
        {},
    ],
)
def test_a_record_of_another_key_or_a_malformed_one_is_ignored(record: dict[str, Any]) -> None:
    assert Trail({HERE: [[record, a_call()]]}).history().count_usage(KEY, [])[0].calls == 1


def test_secrets_and_control_characters_in_user_agents_are_removed() -> None:
    agents = [f"tool/1 (key {SECRET})", "tool\u001b[2J\n/2", 7]
    trail = Trail({HERE: [[a_call(userAgent=agent) for agent in agents]]})
    shown = {usage.caller.user_agent for usage in trail.history().count_usage(KEY, [])}
    assert shown == {"tool/1 (key (removed))", "tool [2J /2", ""}


def test_at_most_four_pages_of_a_history_are_read() -> None:
    trail = Trail({HERE: [[a_call()]] * 9})
    [usage] = trail.history().count_usage(KEY, [])
    assert usage.calls == 4
    assert trail.regions_asked == [HERE] * 4 + [HOME]


def test_at_most_four_regions_are_asked_those_of_the_failures_first_and_no_unknown_one() -> None:
    trail = Trail()
    failures = ["ap-south-1", "not a region", "evil.example.com", "eu-west-1", HERE]
    trail.history(("sa-east-1", "eu-north-1")).count_usage(KEY, failures)
    assert trail.regions_asked == ["ap-south-1", "eu-west-1", HERE, HOME]


def test_the_sources_before_a_moment_take_one_page_a_region_and_leave_out_our_own_tests() -> None:
    own = a_call(2, userAgent="Boto3 access-key-remediator-trial", sourceIPAddress="192.0.2.9")
    trail = Trail({HERE: [[a_call(1), own], [a_call(3, sourceIPAddress="192.0.2.1")]]})
    history = trail.history()
    assert history.sources_until(KEY, NOON, []) == {"203.0.113.7"}
    assert [(region, request["EndTime"]) for _, region, request in trail.asked] == [
        (HERE, NOON),
        (HOME, NOON),
    ]
    assert len(history.count_usage(KEY, [])) == 3  # not answered by what was read until that moment


def test_requests_to_a_region_are_half_a_second_apart_and_no_time_is_lost_after_the_last() -> None:
    trail = Trail({HERE: [[a_call()], [a_call()], [a_call()]]})
    history = trail.history()
    history.count_usage(KEY, [])
    assert [at for at, region, _ in trail.asked if region == HERE] == [1000.0, 1000.5, 1001.0]
    assert trail.time.slept == [0.5, 0.5]
    history.count_usage(key_id(2), [])
    assert [at for at, region, _ in trail.asked if region == HERE][3:] == [1001.5, 1002.0, 1002.5]


def test_a_region_without_a_recent_request_is_asked_immediately() -> None:
    trail = Trail()
    history = trail.history()
    for number in range(3):
        trail.time.now += 0.6
        history.count_usage(key_id(number), [])
    assert trail.time.slept == []


def test_an_answer_is_cached_for_a_minute_for_its_own_question() -> None:
    trail = Trail({HERE: [[a_call()]]})
    history = trail.history()
    first = history.count_usage(KEY, [])
    trail.time.now += 59
    assert history.count_usage(KEY, []) == first
    assert trail.regions_asked == [HERE, HOME]
    history.changes(KEY)
    history.count_usage(key_id(2), [])
    assert trail.regions_asked == [HERE, HOME, HOME, HERE, HOME]
    trail.time.now += 61
    history.count_usage(KEY, [])
    assert len(trail.asked) == 7


def test_an_empty_answer_is_cached_too() -> None:
    trail = Trail()
    history = trail.history()
    assert history.count_usage(KEY, []) == history.count_usage(KEY, []) == ()
    assert len(trail.asked) == 2


def test_a_throttled_look_up_is_no_failure_but_tried_again_with_the_next_delivery() -> None:
    trail = Trail({HERE: [[a_call()]]}, errors=["ThrottlingException"])
    with pytest.raises(BusyError, match="cloudtrail:LookupEvents is throttled"):
        trail.history().count_usage(KEY, [])


def test_an_error_is_not_cached() -> None:
    trail = Trail({HERE: [[a_call()]]}, errors=["AccessDeniedException"])
    history = trail.history()
    with pytest.raises(TransientError, match="cloudtrail:LookupEvents: AccessDeniedException"):
        history.count_usage(KEY, [])
    assert len(history.count_usage(KEY, [])) == 1


def test_the_number_of_cached_answers_is_limited() -> None:
    trail = Trail()
    history = trail.history()
    for number in range(201):
        history.changes(key_id(number))
    trail.asked.clear()
    trail.time.now -= 60
    history.changes(key_id(200))
    history.changes(key_id(0))
    assert len(trail.asked) == 1
