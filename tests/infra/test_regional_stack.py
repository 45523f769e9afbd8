from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from infra.config.fields import ConfigError
from lambdas.handlers.bootstrap.function_settings import RemediateSettings
from local.leftovers import forwarding
from tests.infra.synthesis import (
    HOME_STACK,
    OTHER_STACK,
    STACK,
    app_with,
    arn,
    environment,
    findings,
    grants,
    named,
    of_type,
    ref,
    synthesise_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

SIGNAL_BUS = {
    "Fn::Join": ["", ["arn:aws:events:eu-central-1:", ref("AWS::AccountId"), f":event-bus/{STACK}-signals"]],
}


def test_each_other_region_and_the_home_of_iam_has_a_stack(abroad: dict[str, Json]) -> None:
    assert {*abroad} == {STACK, HOME_STACK, OTHER_STACK}


@pytest.mark.parametrize("region", ["us-east-1", None])
def test_in_the_iam_region_or_without_a_known_region_there_is_one_stack(
    tmp_path: Path, region: str | None
) -> None:
    assert [*synthesise_all(Config(), tmp_path, region=region)] == [STACK]


def test_other_regions_without_a_main_region_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^access-key-remediator\.regions: .* set AWS_REGION$"):
        app_with(Config(regions=("us-west-2",)), tmp_path)


def test_the_main_stack_and_its_bus_come_first(tmp_path: Path) -> None:
    app, main = app_with(Config(regions=("us-west-2",)), tmp_path, region="us-east-1")
    assembly = app.synth()
    other = assembly.get_stack_by_name(f"{STACK}-us-west-2-to-us-east-1")
    assert [each.id for each in other.dependencies if each.id == main.artifact_id]
    assert other.environment.region == "us-west-2"


def test_a_deployment_with_another_main_region_has_stacks_of_its_own_in_the_other_regions(
    abroad: dict[str, Json], tmp_path: Path
) -> None:
    elsewhere = synthesise_all(Config(regions=("us-west-2",)), tmp_path, region="eu-west-1")
    assert {*abroad} & {*elsewhere} == {STACK}, "the main stacks are in different regions"


def test_the_description_of_a_regional_stack_names_both_regions(abroad: dict[str, Json]) -> None:
    for stack, region in ((HOME_STACK, "us-east-1"), (OTHER_STACK, "us-west-2")):
        assert forwarding(abroad[stack]["Description"]) == (region, "eu-central-1")


@pytest.mark.parametrize(
    ("stack", "rules"),
    [
        (HOME_STACK, {"RefusedCalls", "KeyLifeCycle", "ExposedKeys", "Reports"}),
        (OTHER_STACK, {"RefusedCalls", "Reports"}),
    ],
)
def test_changes_and_exposures_of_keys_are_forwarded_from_the_iam_region_only(
    abroad: dict[str, Json], stack: str, rules: set[str]
) -> None:
    found = of_type(abroad[stack], "AWS::Events::Rule")
    assert {rule.rstrip("0123456789ABCDEF") for rule in found} == rules
    assert not [rule for rule in found.values() if "EventBusName" in rule]


@pytest.mark.parametrize("stack", [HOME_STACK, OTHER_STACK])
def test_every_rule_forwards_to_the_bus_of_the_main_region_alone(abroad: dict[str, Json], stack: str) -> None:
    role_id, role = named(abroad[stack], "AWS::IAM::Role", "Forwarding")
    dead_letters_id, _ = named(abroad[stack], "AWS::SQS::Queue", "DeadLetters")
    for rule in of_type(abroad[stack], "AWS::Events::Rule").values():
        (target,) = rule["Targets"]
        assert target["Arn"] == SIGNAL_BUS
        assert target["RoleArn"] == arn(role_id)
        assert target["DeadLetterConfig"] == {"Arn": arn(dead_letters_id)}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert grants(abroad[stack], "Forwarding") == {"events:PutEvents": [SIGNAL_BUS]}
    assert len(of_type(abroad[stack], "AWS::IAM::Policy")) == 1


@pytest.mark.parametrize("stack", [HOME_STACK, OTHER_STACK])
def test_what_could_not_be_forwarded_is_kept_two_weeks_encrypted(abroad: dict[str, Json], stack: str) -> None:
    queue_id, queue = named(abroad[stack], "AWS::SQS::Queue", "DeadLetters")
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    _, policy = named(abroad[stack], "AWS::SQS::QueuePolicy", "DeadLetters")
    deny, _, *allowed = policy["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    rules = [arn(rule) for rule in of_type(abroad[stack], "AWS::Events::Rule")]
    assert [allow["Condition"]["ArnEquals"]["aws:SourceArn"] for allow in allowed] == rules
    assert abroad[stack]["Outputs"]["RegionalDeadLetterQueueUrl"]["Value"] == ref(queue_id)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stack", "region"), [(STACK, "eu-central-1"), (HOME_STACK, "us-east-1"), (OTHER_STACK, "us-west-2")]
)
def test_cfn_lint_finds_nothing(abroad: dict[str, Json], stack: str, region: str) -> None:
    assert findings(abroad[stack], [region]) == []


@pytest.mark.parametrize("function_name", ["Remediate", "AlertTimer"])
def test_the_functions_get_every_region(abroad: dict[str, Json], function_name: str) -> None:
    settings = RemediateSettings.from_env(environment(abroad[STACK], function_name))
    assert settings.regions == ("eu-central-1", "us-east-1", "us-west-2")
