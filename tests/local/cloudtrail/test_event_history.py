from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local.workbench import Workbench, eventually, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws


def test_a_long_history_comes_in_pages(bench: Workbench) -> None:
    user = bench.user()
    tags = [f"tag-{number}" for number in range(5)]
    for tag in tags:
        bench.client("iam").tag_user(UserName=user, Tags=[{"Key": tag, "Value": "v"}])
    eventually(lambda: len(bench.history("ResourceName", user)) > len(tags))
    query = [{"AttributeKey": "ResourceName", "AttributeValue": user}]
    paginator = bench.client("cloudtrail").get_paginator("lookup_events")
    pages = list(paginator.paginate(LookupAttributes=query, PaginationConfig={"PageSize": 2}))
    events = [event["EventId"] for page in pages for event in page["Events"]]
    assert [len(page["Events"]) for page in pages] == [2, 2, 2]
    assert len(set(events)) == len(events) == len(tags) + 1


def test_more_than_fifty_events_at_once_are_refused(bench: Workbench) -> None:
    with pytest.raises(ClientError, match="InvalidMaxResults"):
        bench.client("cloudtrail").lookup_events(MaxResults=51)


def test_only_one_attribute_may_be_asked_for(bench: Workbench) -> None:
    two = [{"AttributeKey": key, "AttributeValue": "v"} for key in ("Username", "EventName")]
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        bench.client("cloudtrail").lookup_events(LookupAttributes=two)


def test_the_calls_made_with_a_key_are_found_in_the_region_of_the_call(aws: LocalAws) -> None:
    away, home = Workbench(aws, "eu-west-1"), Workbench(aws)
    user = home.user(statement("sqs:ListQueues"))
    key = home.key(user)
    mine = aws.session(key, "eu-west-1")
    mine.client("sqs", config=Config(user_agent="billing/2.1")).list_queues()
    record = eventually(lambda: away.records("AccessKeyId", key[0]))[0]
    assert (record["eventSource"], record["eventName"]) == ("sqs.amazonaws.com", "ListQueues")
    assert (record["awsRegion"], record["sourceIPAddress"]) == ("eu-west-1", "127.0.0.1")
    assert record["userAgent"].startswith("billing/2.1")
    assert "errorCode" not in record
    assert home.records("AccessKeyId", key[0]) == []


def test_only_the_events_between_two_times_are_answered(bench: Workbench) -> None:
    user = bench.user()
    event = eventually(lambda: bench.history("ResourceName", user))[0]
    query = [{"AttributeKey": "ResourceName", "AttributeValue": user}]
    second, lookup = dt.timedelta(seconds=1), bench.client("cloudtrail").lookup_events
    at = event["EventTime"]

    def between(start: dt.datetime, end: dt.datetime) -> int:
        return len(lookup(LookupAttributes=query, StartTime=start, EndTime=end)["Events"])

    assert between(at - second, at + second) == 1
    assert between(at + second, at + 2 * second) == 0
    assert between(at - 2 * second, at - second) == 0


def test_lookups_can_be_throttled_for_each_account_and_region(other_aws: LocalAws) -> None:
    once = Config(retries={"total_max_attempts": 1})
    there, elsewhere = (
        other_aws.session(region=region).client("cloudtrail", config=once)
        for region in ("ap-south-1", "ap-east-1")
    )
    with ThreadPoolExecutor(10) as at_once:
        answers = [at_once.submit(there.lookup_events) for _ in range(10)]
    with pytest.raises(ClientError, match="ThrottlingException"):
        [answer.result() for answer in answers]
    assert elsewhere.lookup_events()["Events"] == []
