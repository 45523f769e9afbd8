from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.local.workbench import policy, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

IAM = ["CAPABILITY_IAM"]


def template(boundary: str | None) -> str:
    trust = statement("sts:AssumeRole", Principal={"AWS": "*"})
    del trust["Resource"]
    role: dict[str, Any] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "all", "PolicyDocument": json.loads(policy(statement("*")))}],
    }
    if boundary:
        role["PermissionsBoundary"] = boundary
    return json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}})


def boundary_of(bench: Workbench, stack: str) -> str | None:
    [role] = bench.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    found = bench.client("iam").get_role(RoleName=role["PhysicalResourceId"])["Role"]
    arn: str | None = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return arn


def test_a_template_sets_changes_and_removes_the_boundary_of_a_role(bench: Workbench) -> None:
    cloudformation, stack = bench.client("cloudformation"), bench.name("stack")
    arns: list[str] = [
        bench.client("iam").create_policy(
            PolicyName=bench.name("boundary"), PolicyDocument=policy(statement("sqs:*"))
        )["Policy"]["Arn"]
        for _ in range(2)
    ]
    cloudformation.create_stack(StackName=stack, TemplateBody=template(arns[0]), Capabilities=IAM)
    assert boundary_of(bench, stack) == arns[0]
    for boundary in (arns[1], None):
        cloudformation.update_stack(StackName=stack, TemplateBody=template(boundary), Capabilities=IAM)
        assert boundary_of(bench, stack) == boundary


def test_a_boundary_that_does_not_exist_fails_the_stack(bench: Workbench) -> None:
    cloudformation, stack = bench.client("cloudformation"), bench.name("stack")
    missing = f"arn:aws:iam::{bench.aws.account}:policy/missing"
    cloudformation.create_stack(StackName=stack, TemplateBody=template(missing), Capabilities=IAM)
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"].startswith("ROLLBACK")
