from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.workbench import Workbench, policy, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

PUT = "events:PutEvents"
OTHER_ACCOUNT = "444455556666"


@pytest.fixture
def main(aws: LocalAws) -> Workbench:
    return Workbench(aws, "eu-central-1")


def put(bench: Workbench, source: str) -> None:
    entry = {"Source": source, "DetailType": "d", "Detail": '{"a": 1}'}
    assert bench.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def forward(bench: Workbench, source: str, bus: str, **target: str) -> str:
    """A rule that forwards to the bus; its dead-letter queue's URL."""
    url, arn = bench.open_queue("events")
    bench.rule({"source": [source]}, bus, DeadLetterConfig={"Arn": arn}, **target)
    return url


def letter(bench: Workbench, url: str) -> dict[str, str]:
    attributes: dict[str, Any] = bench.receive(url)[0]["MessageAttributes"]
    return {name: value["StringValue"] for name, value in attributes.items()}


def test_an_event_reaches_a_bus_in_another_region_and_keeps_its_own(
    bench: Workbench, main: Workbench
) -> None:
    source = bench.name("source")
    name, arn = main.bus()
    received = main.events({"source": [source]}, bus=name)
    forward(bench, source, arn, RoleArn=bench.role("events", statement(PUT, arn)))
    put(bench, source)
    event = main.event(received)
    assert (event["region"], event["account"]) == ("us-east-1", bench.aws.account)
    assert event["detail"] == {"a": 1}


def test_an_event_reaches_a_custom_bus_of_its_own_region(bench: Workbench) -> None:
    source = bench.name("source")
    name, arn = bench.bus()
    received = bench.events({"source": [source]}, bus=name)
    forward(bench, source, arn, RoleArn=bench.role("events", statement(PUT, arn)))
    put(bench, source)
    assert bench.event(received)["source"] == source


def test_a_role_that_may_not_put_events_on_the_bus_leaves_a_dead_letter(
    bench: Workbench, main: Workbench
) -> None:
    source = bench.name("source")
    name, arn = main.bus()
    _, other = main.bus()
    received = main.events({"source": [source]}, bus=name)
    role = bench.role("events", statement(PUT, other))
    dead = forward(bench, source, arn, RoleArn=role)
    put(bench, source)
    attributes = letter(bench, dead)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["TARGET_ARN"] == arn
    assert role in attributes["ERROR_MESSAGE"]
    assert main.receive(received, wait=0) == []


def test_a_role_that_eventbridge_may_not_assume_leaves_a_dead_letter(
    bench: Workbench, main: Workbench
) -> None:
    source = bench.name("source")
    _, arn = main.bus()
    dead = forward(bench, source, arn, RoleArn=bench.role("lambda", statement(PUT, arn)))
    put(bench, source)
    assert letter(bench, dead)["ERROR_CODE"] == "FAILED_TO_ASSUME_ROLE"


def test_an_event_for_a_bus_that_is_gone_is_a_dead_letter(bench: Workbench, main: Workbench) -> None:
    source = bench.name("source")
    name, arn = main.bus()
    dead = forward(bench, source, arn, RoleArn=bench.role("events", statement(PUT, arn)))
    main.client("events").delete_event_bus(Name=name)
    put(bench, source)
    assert letter(bench, dead)["ERROR_CODE"] == "NO_RESOURCE"


def test_a_policy_of_the_bus_that_denies_outweighs_the_role(bench: Workbench, main: Workbench) -> None:
    source = bench.name("source")
    name, arn = main.bus()
    denial = {**statement(PUT, arn, Principal="*"), "Effect": "Deny", "Sid": "s"}
    denial["Condition"] = {"StringEquals": {"events:source": source}}
    main.client("events").put_permission(EventBusName=name, Policy=policy(denial))
    dead = forward(bench, source, arn, RoleArn=bench.role("events", statement(PUT, arn)))
    put(bench, source)
    assert letter(bench, dead)["ERROR_CODE"] == "NO_PERMISSIONS"


def test_without_a_role_the_policy_of_the_bus_decides(bench: Workbench) -> None:
    source = bench.name("source")
    name, arn = bench.bus()
    received = bench.events({"source": [source]}, bus=name)
    dead = forward(bench, source, arn)
    put(bench, source)
    assert letter(bench, dead)["ERROR_CODE"] == "NO_PERMISSIONS"
    bench.client("events").put_permission(
        EventBusName=name, StatementId="s", Action=PUT, Principal=bench.aws.account
    )
    put(bench, source)
    assert bench.event(received)["source"] == source


def test_a_bus_of_another_account_must_let_the_sender_in(bench: Workbench) -> None:
    source = bench.name("source")
    theirs = bench.session((OTHER_ACCOUNT, "root")).client("events")
    name = bench.name("bus")
    arn = theirs.create_event_bus(Name=name)["EventBusArn"]
    dead = forward(bench, source, arn, RoleArn=bench.role("events", statement(PUT, arn)))
    put(bench, source)
    assert letter(bench, dead)["ERROR_CODE"] == "NO_PERMISSIONS"
    theirs.put_permission(EventBusName=name, StatementId="s", Action=PUT, Principal=bench.aws.account)
    put(bench, source)
    assert bench.receive(dead, wait=1) == []


def test_a_received_event_is_not_sent_on(bench: Workbench, main: Workbench) -> None:
    source = bench.name("source")
    (first, first_arn), (_, second_arn) = main.bus(), main.bus()
    dead, dead_arn = main.open_queue("events")
    role = bench.role("events", statement(PUT))
    forward(bench, source, first_arn, RoleArn=role)
    main.rule({"source": [source]}, second_arn, bus=first, RoleArn=role, DeadLetterConfig={"Arn": dead_arn})
    put(bench, source)
    assert letter(main, dead)["ERROR_CODE"] == "THIRD_REGION_HOP_DETECTED"


def test_what_may_not_be_delivered_is_counted_as_a_failed_invocation(bench: Workbench) -> None:
    source = bench.name("source")
    _, arn = bench.bus()
    forward(bench, source, arn)
    put(bench, source)
    rule = bench.client("events").list_rule_names_by_target(TargetArn=arn)["RuleNames"][0]
    metrics = bench.client("cloudwatch").list_metrics(
        Namespace="AWS/Events", Dimensions=[{"Name": "RuleName", "Value": rule}]
    )["Metrics"]
    assert "FailedInvocations" in json.dumps(metrics)
