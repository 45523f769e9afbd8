"""A topic that takes messages only from certain functions and alarms, and its subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, Stack
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_sns import Topic

from infra.messaging.senders import Senders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_kms import Key
    from constructs import Construct

PUBLISH = "sns:Publish"


class MessageTopic(Topic):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        display_name: str,
        operator_roles: Iterable[str],
        key: Key | None = None,
    ) -> None:
        super().__init__(scope, construct_id, display_name=display_name, master_key=key, enforce_ssl=True)
        self.senders = Senders(operator_roles)
        self.add_to_resource_policy(self.senders.denial(PUBLISH, self.topic_arn))

    def accept_alarms(self) -> None:
        """Of this stack. CloudFormation begins their names with the stack's name."""
        # https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
        alarm = f"arn:{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}:alarm"
        self.senders.add_resource(f"{alarm}:{Stack.of(self).stack_name}-*")
        self.add_to_resource_policy(
            PolicyStatement(principals=[cloudwatch()], actions=[PUBLISH], resources=[self.topic_arn])
        )


def cloudwatch() -> ServicePrincipal:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    return ServicePrincipal(
        "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    )
