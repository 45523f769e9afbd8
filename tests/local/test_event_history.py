from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import eventually

if TYPE_CHECKING:
    from tests.local.workbench import Workbench


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
