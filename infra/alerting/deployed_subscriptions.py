"""The parameter that says which subscriptions were deployed, because SNS forgets those that it deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk.aws_ssm import StringParameter

from infra.config.subscriptions import described

if TYPE_CHECKING:
    from constructs import Construct

    from infra.config.config import Config


class DeployedSubscriptionsParameter(StringParameter):
    def __init__(self, scope: Construct, construct_id: str, *, config: Config) -> None:
        super().__init__(
            scope,
            construct_id,
            parameter_name=f"/access-key-remediator/{Stack.of(scope).stack_name}/subscriptions",
            description="Access Key Remediator: the deployed subscriptions, to check that they are confirmed",
            string_value=described(config.subscriptions, config.operations_subscriptions),
        )
