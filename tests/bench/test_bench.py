"""The cost of an event in requests, held on every run; the times are for `make bench` alone."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.session import Session

from bench.events.checks import Group, grouped, misses
from bench.events.measurement import measure
from bench.events.requests import Recorder, Requests
from bench.events.rig import Sample
from bench.events.scenarios import ALL, COLD, FIRST, WARM, Scenario
from bench.moto.server import moto_server
from bench.processes import REGION

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@pytest.fixture(scope="module")
def groups() -> dict[Scenario, Group]:
    return {group.scenario: group for group in grouped(measure(10, warm_events=1, cold_events=1))}


@pytest.mark.parametrize("scenario", ALL, ids=attrgetter("name"))
def test_an_event_costs_no_more_requests_than_the_target(
    groups: dict[Scenario, Group], scenario: Scenario
) -> None:
    assert [figure for figure in groups[scenario].figures if not figure.is_met] == []


@pytest.mark.parametrize("scenario", [it for it in ALL if it.in_ledger], ids=attrgetter("name"))
def test_the_history_is_not_searched_for_a_change_that_the_ledger_has(
    groups: dict[Scenario, Group], scenario: Scenario
) -> None:
    assert groups[scenario].look_ups == 0


def test_the_near_misses_of_an_id_are_found_by_two_queries(groups: dict[Scenario, Group]) -> None:
    asked = {group.scenario.name: {r.ledger_queries for r in group.requests} for group in groups.values()}
    assert asked["near miss of the ledger"] == {2}


def test_a_new_process_reads_the_exemptions_once_and_a_warm_one_caches_them(
    groups: dict[Scenario, Group],
) -> None:
    reads = {group.scenario: max(r.exemption_reads for r in group.requests) for group in groups.values()}
    assert {reads[scenario] for scenario in (*COLD, FIRST)} == {1}
    assert sum(reads[scenario] for scenario in WARM) < len(WARM)


def test_a_figure_above_its_target_is_a_miss() -> None:
    [scenario, *_] = WARM
    sample = Sample(scenario=scenario, users=10, requests=Requests(("iam.GetUser",) * 7), seconds=0.01)
    group = Group(scenario=scenario, users=10, samples=(sample,))
    assert [figure.what for figure in misses([group], [])] == ["inactive key, 10 users: AWS calls"]


def an_iam_client(endpoint_url: str, session: Session | None = None) -> IAMClient:
    retries = Config(retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.Session("testing", "testing", region_name=REGION, botocore_session=session).client(
        "iam", endpoint_url=endpoint_url, config=retries
    )


def test_users_are_listed_in_pages_and_an_unknown_key_is_denied() -> None:
    with moto_server() as endpoint_url:
        iam = an_iam_client(endpoint_url)
        names = [f"user-{number:03}" for number in range(101)]
        for name in names:
            iam.create_user(UserName=name)
        pages = [
            [user["UserName"] for user in page["Users"]]
            for page in iam.get_paginator("list_users").paginate()
        ]
        assert pages == [names[:100], names[100:]]
        with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
            iam.get_access_key_last_used(AccessKeyId="AKIAUNKNOWNUNKNOWNXX")


def test_a_retry_counts_as_a_request() -> None:
    session, recorder = Session(), Recorder()
    recorder.attach(session)
    iam = an_iam_client("http://127.0.0.1:1", session)

    def fail() -> None:
        with pytest.raises(EndpointConnectionError):
            iam.list_users()

    requests, _ = recorder.record(fail)
    assert requests.names == ("iam.ListUsers", "iam.ListUsers")


def test_requests_are_counted_by_kind() -> None:
    requests = Requests(
        (
            "dynamodb.Query",
            "dynamodb.TransactWriteItems",
            "ledger.GetItem",
            "ledger.Query",
            "ledger.PutItem",
            "exemptions.Scan",
            "cloudtrail.LookupEvents",
            "iam.GetUser",
            "sns.Publish",
        )
    )
    assert (requests.reads, requests.writes, requests.look_ups, requests.calls) == (1, 1, 1, 2)
    assert (requests.ledger_reads, requests.ledger_queries, requests.ledger_writes) == (2, 1, 1)
    assert requests.exemption_reads == 1
    assert "exemptions.Scan" not in requests.course.names
