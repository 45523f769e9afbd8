"""What an organization demands of every role and resource, applied to whole stacks.

Aspects reach the resources that CDK constructs create on their own, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import Aspects, Aws, CfnResource, IAspect, Tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Stack
    from constructs import IConstruct

    from infra.config.config import Config


def meet_demands(stack: Stack, config: Config) -> None:
    for key, value in config.tags.items():
        stack.tags.set_tag(key, value)  # CloudFormation tags what has no tags in the template
        Tags.of(stack).add(key, value)
    properties: dict[str, str] = {}
    if config.permissions_boundary:
        properties["PermissionsBoundary"] = _policy_arn(config.permissions_boundary)
    if config.role_path != "/":
        properties["Path"] = config.role_path
    if properties:
        Aspects.of(stack).add(RoleProperties(properties))


@jsii.implements(IAspect)
class RoleProperties:
    """Sets properties of every role."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._properties = properties

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource) and node.cfn_resource_type == "AWS::IAM::Role":
            for name, value in self._properties.items():
                node.add_property_override(name, value)


def _policy_arn(policy: str) -> str:
    if policy.startswith("arn:"):
        return policy
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:policy/{policy}"
