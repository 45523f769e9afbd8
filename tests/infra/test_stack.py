from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Annotations, Match
from aws_cdk.aws_s3 import Bucket

from infra.config.config import Config
from tests.infra.synthesis import (
    CONFIG,
    OPERATORS,
    STACK,
    app_with,
    findings,
    of_type,
    synthesise,
    synthesise_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

REGIONS = ["us-east-1", "eu-central-1"]
PHYSICAL_NAMES = {
    "AlarmName",
    "FunctionName",
    "LogGroupName",
    "QueueName",
    "RoleName",
    "TableName",
    "TopicName",
}


def test_every_output_names_a_resource_of_the_stack(template: Json) -> None:
    for output in template["Outputs"].values():
        value = output["Value"]
        assert (value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]) in template["Resources"]


def test_no_resource_has_a_name_that_a_second_stack_could_not_have(template: Json) -> None:
    for resource_type in (
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::DynamoDB::Table",
        "AWS::Lambda::Function",
    ):
        for properties in of_type(template, resource_type).values():
            assert not PHYSICAL_NAMES & properties.keys()


def test_the_template_fits_any_partition_account_and_region(template: Json) -> None:
    subscribed = of_type(template, "AWS::SNS::Subscription")
    resources = {name: each for name, each in template["Resources"].items() if name not in subscribed}
    text = json.dumps(resources).replace(OPERATORS, "")
    assert "arn:aws" not in text
    assert not [region for region in REGIONS if region in text]


@pytest.mark.slow
@pytest.mark.parametrize("region", [None, *REGIONS])
def test_a_stack_without_configuration_deploys_anywhere(tmp_path: Path, region: str | None) -> None:
    synthesised = synthesise_all(Config(), tmp_path, region=region)[STACK]
    assert not of_type(synthesised, "AWS::SNS::Subscription")
    assert findings(synthesised, [region] if region else REGIONS) == []


@pytest.mark.slow
def test_cfn_lint_finds_nothing(template: Json) -> None:
    assert findings(template, REGIONS) == []


def test_nothing_changes_when_nothing_changed(template: Json, tmp_path: Path) -> None:
    assert synthesise(Config.from_context(CONFIG), tmp_path) == template


def test_an_unacknowledged_finding_of_cdk_nag_stops_the_synthesis(tmp_path: Path) -> None:
    app, stack = app_with(Config(), tmp_path)
    Bucket(stack, "Careless")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = (tmp_path / "validation-report.json").read_text()
    assert f"{STACK}/Careless/Resource" in report
    assert "AwsSolutions-S1" in report


@pytest.mark.parametrize(
    ("given", "warned_of"),
    [
        (Config(), {"subscriptions", "operationsSubscriptions"}),
        (Config.from_context(CONFIG), set()),
    ],
    ids=["without subscriptions", "with subscriptions"],
)
def test_synthesis_warns_of_a_deployment_without_subscriptions(
    given: Config, warned_of: set[str], tmp_path: Path
) -> None:
    _, stack = app_with(given, tmp_path)
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("nobody gets"))
    fields = {str(warning.entry.data).split(" is empty")[0].rsplit(".", 1)[-1] for warning in warnings}
    assert fields == warned_of


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_synthesis_warns_of_chat_where_amazon_q_is_not_available(region: str, tmp_path: Path) -> None:
    [warning] = chat_warnings(Config(chat=True), region, tmp_path / "with")
    assert warning.startswith(
        "access-key-remediator.chat creates a topic that nobody can read in Slack or Teams"
    )
    assert f"is not available in {region}." in warning
    assert not chat_warnings(Config(), region, tmp_path / "without")


@pytest.mark.parametrize("region", ["eu-central-1", None])
def test_synthesis_does_not_warn_of_chat_elsewhere(region: str | None, tmp_path: Path) -> None:
    assert not chat_warnings(Config(chat=True), region, tmp_path)


def chat_warnings(config: Config, region: str | None, outdir: Path) -> list[str]:
    _, stack = app_with(config, outdir, region=region)
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("Amazon Q"))
    return [str(warning.entry.data) for warning in found]
