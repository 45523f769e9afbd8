"""What an organization demands is met by every role and resource of every stack, under cdk-nag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from infra.config.config import Config
from tests.infra.synthesis import (
    CONFIG,
    HOME_STACK,
    OTHER_STACK,
    STACK,
    app_with,
    findings,
    of_type,
    synthesise_all,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

MAIN = "eu-central-1"
TAGS = {"cost-centre": "4711", "Owner": "platform@example.com"}
DEMANDS = {"permissionsBoundary": "limits/Boundary", "rolePath": "/platform/remediator/", "tags": TAGS}
STACKS = (STACK, HOME_STACK, OTHER_STACK)


@pytest.fixture(scope="module")
def demanding(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    config = Config.from_context(CONFIG | {"chat": True, "regions": ["us-west-2"]} | DEMANDS)
    return synthesise_all(config, tmp_path_factory.mktemp("demanding"), region=MAIN)


@pytest.mark.parametrize("stack", STACKS)
def test_every_role_has_the_boundary_and_the_path(demanding: dict[str, Json], stack: str) -> None:
    roles = of_type(demanding[stack], "AWS::IAM::Role")
    assert roles
    for role in roles.values():
        assert role["Path"] == "/platform/remediator/"
        account = {"Ref": "AWS::AccountId"}
        partition = role["PermissionsBoundary"]["Fn::Join"][1][1]
        assert role["PermissionsBoundary"] == {
            "Fn::Join": ["", ["arn:", partition, ":iam::", account, ":policy/limits/Boundary"]]
        }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stack", "region"), [(STACK, MAIN), (HOME_STACK, "us-east-1"), (OTHER_STACK, "us-west-2")]
)
def test_cfn_lint_finds_nothing(demanding: dict[str, Json], stack: str, region: str) -> None:
    assert findings(demanding[stack], [region]) == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_identity_but_a_role_needs_a_boundary(demanding: dict[str, Json], stack: str) -> None:
    types = {resource["Type"] for resource in demanding[stack]["Resources"].values()}
    assert not {"AWS::IAM::User", "AWS::IAM::Group"} & types


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_that_can_have_tags_has_them(demanding: dict[str, Json], stack: str) -> None:
    untagged = [
        name
        for name, resource in demanding[stack]["Resources"].items()
        if can_have_tags(resource["Type"]) and not TAGS.items() <= tags_of(resource).items()
    ]
    assert untagged == []


def can_have_tags(resource_type: str) -> bool:
    """By the schema of the resource type, which cfn-lint carries."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(MAIN, resource_type).schema
    return "Tags" in schema["properties"]


def tags_of(resource: Json) -> dict[str, Any]:
    tags = resource["Properties"].get("Tags", [])
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def test_the_stacks_themselves_have_the_tags(tmp_path: Path) -> None:
    app, _ = app_with(Config(tags=TAGS, regions=("us-west-2",)), tmp_path, region=MAIN)
    for stack in app.synth().stacks:
        assert stack.tags == TAGS


def test_a_boundary_may_be_given_by_its_arn(tmp_path: Path) -> None:
    arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    main = synthesise_all(Config(permissions_boundary=arn), tmp_path, region=MAIN)[STACK]
    assert {role["PermissionsBoundary"] for role in of_type(main, "AWS::IAM::Role").values()} == {arn}


@pytest.mark.parametrize("stack", STACKS)
def test_without_demands_no_role_has_a_boundary_or_a_path(abroad: dict[str, Json], stack: str) -> None:
    for role in of_type(abroad[stack], "AWS::IAM::Role").values():
        assert not {"PermissionsBoundary", "Path", "Tags"} & role.keys()
