"""The policy of each queue, topic and bus denies everybody but its senders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from infra.config.config import Config
from infra.config.operators import MAX_ARN_LENGTH, MAX_OPERATOR_ROLES
from infra.config.organization import MAX_PATH_LENGTH
from infra.detection.forwarding import forwarding_role_name
from tests.infra.synthesis import (
    CONFIG,
    HOME_STACK,
    OPERATORS,
    OTHER_STACK,
    STACK,
    arn_of,
    as_list,
    named,
    of_type,
    ref,
    synthesise,
    synthesise_all,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.infra.synthesis import Json

QUEUE, TOPIC, BUS = "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::Events::EventBusPolicy"
ACTIONS = {QUEUE: "sqs:SendMessage", TOPIC: "sns:Publish", BUS: "events:PutEvents"}
ALARMS = "alarms"
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
MAX_BYTES, MAX_CONDITIONS = 8192, 10
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_ROLE_NAME = 64
ARN_START = "arn:aws-us-gov:iam::123456789012:role"
LONGEST_ROLE = f"{ARN_START}{MAX_PATH_LENGTH * 'p'}{MAX_ROLE_NAME * 'r'}"
LONGEST_RESOURCE = f"arn:aws-us-gov:events:us-gov-east-1:123456789012:rule/{64 * 'b'}/{64 * 'r'}"


@dataclass(frozen=True)
class Sending:
    """Who may send to what the policy is of: functions by name, and rules, topics or alarms."""

    stack: str
    kind: str
    name: str
    functions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    alarms: bool = False
    regions: tuple[str, ...] = ()


RULES_OF_KEYS = ("ForwardedKeyLifeCycle", "ForwardedExposedKeys")
RULES_OF_SIGNALS = (
    "DetectionRefusedCalls",
    "FailedRotations",
    "DetectionReports",
    "ForwardedRefusedCalls",
    "ForwardedReports",
)
SENDINGS = [
    Sending(
        STACK,
        QUEUE,
        "IntakeSignals",
        functions=(
            "TrackKeysRole",
            "RotateKeyRole",
            "EnrolUsersRole",
            "RetireKeysRole",
            "FailOverRole",
            "ReadLogsRole",
        ),
        rules=RULES_OF_SIGNALS,
    ),
    Sending(STACK, QUEUE, "KeyLifeCycle", rules=RULES_OF_KEYS),
    Sending(STACK, QUEUE, "Enrolments", functions=("TrackKeysRole", "SyncKeysRole", "EnrolUsersRole")),
    Sending(
        STACK,
        QUEUE,
        "DeadLetters",
        functions=("TrackKeysRole", "RemediateRole", "EnrolUsersRole"),
        rules=(*RULES_OF_SIGNALS, *RULES_OF_KEYS),
    ),
    Sending(STACK, QUEUE, "Undelivered", topics=("Operations", "Alerts")),
    Sending(STACK, TOPIC, "Alerts", functions=("RemediateRole", "AlertTimerRole"), alarms=True),
    Sending(STACK, TOPIC, "Chat", functions=("RemediateRole", "AlertTimerRole")),
    Sending(STACK, TOPIC, "Operations", functions=("AlertTimerRole",), alarms=True),
    Sending(STACK, BUS, "Incidents", functions=("RemediateRole", "AlertTimerRole")),
    Sending(STACK, BUS, "Signals", regions=("us-east-1", "us-west-2")),
    *(
        sending
        for stack, rules in (
            (HOME_STACK, ("RefusedCalls", "KeyLifeCycle", "ExposedKeys", "Reports")),
            (OTHER_STACK, ("RefusedCalls", "Reports")),
        )
        for sending in (
            Sending(stack, QUEUE, "DeadLetters", rules=rules),
            Sending(stack, QUEUE, "Undelivered", topics=("Operations",)),
            Sending(stack, TOPIC, "Operations", alarms=True),
        )
    ),
]


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    config = Config.from_context(CONFIG | {"regions": ["us-west-2"], "chat": True})
    return synthesise_all(config, tmp_path_factory.mktemp("everywhere"), region="eu-central-1")


def statements(template: Json, kind: str, name: str) -> list[Json]:
    _, policy = named(template, kind, name)
    found: list[Json] = as_list(policy["Statement"] if kind == BUS else policy["PolicyDocument"]["Statement"])
    return found


def denials(template: Json, kind: str, name: str) -> list[Json]:
    return [each for each in statements(template, kind, name) if "ArnNotLike" in each.get("Condition", {})]


def principals(template: Json, sending: Sending) -> Iterator[Any]:
    for function in sending.functions:
        yield arn_of(template, "AWS::IAM::Role", function)
    for region in sending.regions:
        name = f"AccessKeyRemediator-{region}-to-eu-central-1-signals"
        account = ["arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId")]
        yield {"Fn::Join": ["", [*account, f":role/{name}"]]}


def resources(template: Json, sending: Sending) -> Iterator[Any]:
    for rule in sending.rules:
        yield arn_of(template, "AWS::Events::Rule", rule)
    for topic in sending.topics:
        yield ref(named(template, "AWS::SNS::Topic", topic)[0])
    if sending.alarms:
        place = [":cloudwatch:", ref("AWS::Region"), ":", ref("AWS::AccountId")]
        alarms = f":alarm:{sending.stack}-*"
        yield {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), *place, alarms]]}


def test_the_list_has_every_queue_topic_and_bus(everywhere: dict[str, Json]) -> None:
    kinds = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Events::EventBus")
    there = sum(len(of_type(template, kind)) for template in everywhere.values() for kind in kinds)
    assert there == len(SENDINGS)


@pytest.mark.parametrize("sending", SENDINGS, ids=lambda sending: f"{sending.name} of {sending.stack}")
def test_everybody_is_denied_but_its_senders_and_the_operators(
    everywhere: dict[str, Json], sending: Sending
) -> None:
    template = everywhere[sending.stack]
    [denial] = denials(template, sending.kind, sending.name)
    assert (denial["Effect"], denial["Principal"], denial["Action"]) == ("Deny", "*", ACTIONS[sending.kind])
    allowed = {
        "aws:PrincipalArn": [OPERATORS, *principals(template, sending)],
        "aws:SourceArn": [*resources(template, sending)],
    }
    found = denial["Condition"]["ArnNotLike"]
    assert {key: sorted(map(json.dumps, values)) for key, values in found.items()} == {
        key: sorted(map(json.dumps, values)) for key, values in allowed.items() if values
    }


def test_without_operators_the_condition_names_only_what_sends(tmp_path: Path) -> None:
    template = synthesise(Config(), tmp_path)
    for kind in (QUEUE, TOPIC, BUS):
        for logical_id in of_type(template, kind):
            [denial] = denials(template, kind, logical_id)
            assert all(denial["Condition"]["ArnNotLike"].values())
            assert denial["Condition"]["ArnNotLike"]


def test_a_role_path_is_part_of_the_forwarding_roles_names(tmp_path: Path) -> None:
    config = Config.from_context({"rolePath": "/platform/", "regions": ["us-west-2"]})
    templates = synthesise_all(config, tmp_path, region="us-east-1")
    [denial] = denials(templates[STACK], BUS, "Signals")
    [listed] = denial["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    _, role = named(templates[f"{STACK}-us-west-2-to-us-east-1"], "AWS::IAM::Role", "Forwarding")
    assert listed["Fn::Join"][1][-1] == f":role{role['Path']}{role['RoleName']}"


def test_the_name_of_a_forwarding_role_fits_for_long_names_of_regions() -> None:
    region = "ap-southeast-10"
    assert len(forwarding_role_name(region, region)) <= MAX_ROLE_NAME


def deployed(part: Any) -> Any:
    """The part of a policy with names as long as they may be once deployed."""
    if isinstance(part, list):
        return [deployed(each) for each in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("Fn::GetAtt", [part.get("Ref", "")])[0]
    if reference:
        return LONGEST_ROLE if "Role" in reference else LONGEST_RESOURCE
    return {key: deployed(value) for key, value in part.items()}


def test_the_policies_of_queues_keep_within_the_quotas_with_the_longest_names(tmp_path: Path) -> None:
    numbers = range(MAX_OPERATOR_ROLES)
    operators = [
        f"{ARN_START}/{number}/".ljust(MAX_ARN_LENGTH - 64, "p") + f"/{63 * 'r'}" for number in numbers
    ]
    config = Config.from_context(CONFIG | {"regions": ["us-west-2"], "operatorRoleArns": operators})
    for template in synthesise_all(config, tmp_path, region="eu-central-1").values():
        for policy in of_type(template, QUEUE).values():
            found = deployed(policy["PolicyDocument"]["Statement"])
            conditions = [key for each in found for keys in each["Condition"].values() for key in keys]
            assert len(conditions) <= MAX_CONDITIONS
            assert len(json.dumps(found)) <= MAX_BYTES
