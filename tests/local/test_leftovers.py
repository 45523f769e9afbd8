from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.leftovers import Findings, Leftover, find, forwarding
from tests.local.workbench import Workbench, statement

if TYPE_CHECKING:
    from local.emulator.process import LocalAws

MAIN, OTHER = "eu-central-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def left(aws: LocalAws) -> str:
    """A stack in the other region that forwards to the main one, and one that forwards elsewhere."""
    bench = Workbench(aws, OTHER)
    names = bench.name("forwarding"), bench.name("forwarding"), bench.name("unrelated")
    descriptions = (
        f"Access Key Remediator: forwards signals from {OTHER} to {MAIN}",
        f"Access Key Remediator: forwards signals from {OTHER} to us-east-1",
        "Something else",
    )
    for name, description in zip(names, descriptions, strict=True):
        body = {"Description": description, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
        bench.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(body))
    return names[0]


def test_a_stack_that_the_deployment_does_not_contain_is_reported_with_its_deletion(
    aws: LocalAws, left: str
) -> None:
    found = find(aws.session(), main=MAIN, deployed=[])
    assert found == Findings(leftovers=[Leftover(region=OTHER, stack=left)], unread=[])
    command = f"aws cloudformation delete-stack --region {OTHER} --stack-name {left}"
    assert found.report().splitlines()[-1].strip() == command


def test_a_stack_of_the_deployment_is_not_reported(aws: LocalAws, left: str) -> None:
    assert find(aws.session(), main=MAIN, deployed=[left]).report() == ""


def test_what_cannot_be_read_is_said_and_fails_nothing(aws: LocalAws) -> None:
    bench = Workbench(aws)
    blind, short_sighted = (
        bench.session(bench.key(bench.user(statement(action))))
        for action in ("sts:GetCallerIdentity", "ec2:DescribeRegions")
    )
    assert "ec2:DescribeRegions" in find(blind, main=MAIN, deployed=[]).report()
    report = find(short_sighted, main=MAIN, deployed=[]).report()
    assert f"{OTHER}: " in report
    assert "regional stacks left there are not found" in report


@pytest.mark.parametrize("text", ["", "Access Key Remediator: alerts the owner of a rejected access key"])
def test_another_stack_does_not_forward(text: str) -> None:
    assert forwarding(text) is None
