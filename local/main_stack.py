"""The main stack as CloudFormation describes it: its outputs, and what deleted ones have left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from local.cdk import MAIN_STACK
from local.deploy import NO_SUCH_STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

# The properties that identify a resource of the type to CloudFormation's import.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
IDENTIFIERS = {"AWS::DynamoDB::Table": "TableName", "AWS::KMS::Key": "KeyId"}

# As in the file that `cdk import --resource-mapping` reads: identifiers by logical id.
Resources = dict[str, dict[str, str]]


def find_outputs() -> dict[str, str] | None:
    """None if there is no such stack."""
    try:
        [stack] = boto3.client("cloudformation").describe_stacks(StackName=MAIN_STACK)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != NO_SUCH_STACK:
            raise
        return None
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def find_retained() -> dict[str, Resources]:
    """What each deleted stack has left behind, by the id of the stack.

    CloudFormation has the events of a deleted stack for 90 days (API reference, DescribeStackEvents).
    """
    stacks = {stack_id: _retained_by(stack_id) for stack_id in _deleted_stacks()}
    return {stack_id: resources for stack_id, resources in stacks.items() if resources}


def _deleted_stacks() -> Iterator[str]:
    pages = boto3.client("cloudformation").get_paginator("list_stacks")
    for page in pages.paginate(StackStatusFilter=["DELETE_COMPLETE"]):
        yield from (it["StackId"] for it in page["StackSummaries"] if it["StackName"] == MAIN_STACK)


def _retained_by(stack_id: str) -> Resources:
    """Events come newest first, so that of a replaced resource the last one counts."""
    resources: Resources = {}
    for page in (
        boto3.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack_id)
    ):
        for event in page["StackEvents"]:
            identifier = IDENTIFIERS.get(event.get("ResourceType", ""))
            if identifier and event.get("ResourceStatus") == "DELETE_SKIPPED":
                identified = {identifier: event["PhysicalResourceId"]}
                resources.setdefault(event["LogicalResourceId"], identified)
    return resources
