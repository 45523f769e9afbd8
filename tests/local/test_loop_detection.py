from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.workbench import Workbench

if TYPE_CHECKING:
    from local.emulator.process import LocalAws


def template(role: str, **properties: str) -> str:
    function = {
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ZipFile": "def handler(event, context): pass"},
    }
    resource = {"Type": "AWS::Lambda::Function", "Properties": {**function, **properties}}
    return json.dumps({"Resources": {"Looping": resource}})


def deployed(bench: Workbench, **properties: str) -> tuple[str, list[dict[str, Any]]]:
    """The final status of a stack with one function, and its resources."""
    role, stack = f"arn:aws:iam::{bench.aws.account}:role/none", bench.name("stack")
    cloudformation = bench.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template(role, **properties))
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return described["StackStatus"], resources


def test_a_template_sets_the_loop_detection_of_its_function(aws: LocalAws) -> None:
    bench = Workbench(aws)
    status, [function] = deployed(bench, RecursiveLoop="Allow")
    assert status == "CREATE_COMPLETE"
    answer = bench.client("lambda").get_function_recursion_config(FunctionName=function["PhysicalResourceId"])
    assert answer["RecursiveLoop"] == "Allow"


def test_an_update_of_the_template_changes_it(aws: LocalAws) -> None:
    bench = Workbench(aws)
    _, [function] = deployed(bench)
    stack = function["StackName"]
    body = template(f"arn:aws:iam::{aws.account}:role/none", RecursiveLoop="Allow", Description="changed")
    bench.client("cloudformation").update_stack(StackName=stack, TemplateBody=body)
    [described] = bench.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"] == "UPDATE_COMPLETE"
    answer = bench.client("lambda").get_function_recursion_config(FunctionName=function["PhysicalResourceId"])
    assert answer["RecursiveLoop"] == "Allow"


@pytest.mark.parametrize("region", ["mx-central-1", "ap-southeast-6", "us-gov-west-1", "cn-north-1"])
def test_where_lambda_cannot_set_it_such_a_template_fails(aws: LocalAws, region: str) -> None:
    bench = Workbench(aws, region)
    status, _ = deployed(bench, RecursiveLoop="Allow")
    assert status.startswith("ROLLBACK")
    status, _ = deployed(bench)
    assert status == "CREATE_COMPLETE"
