"""A DynamoDB table with point-in-time recovery that is retained when the stack is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    BillingMode,
    PointInTimeRecoverySpecification,
    Table,
    TableEncryption,
)

if TYPE_CHECKING:
    from aws_cdk.aws_kms import Key
    from constructs import Construct

# `cdk destroy` and an accidental replacement retain the tables, which are security records, and the key
# that encrypts them. A failed first deployment leaves nothing behind; deletion protection would block that
# roll-back. A table deleted by hand can be restored for 35 days by point-in-time recovery.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
RETAINED = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def text(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.STRING)


def only_items(*keys: str) -> dict[str, dict[str, object]]:
    """The condition that limits a statement to items with these keys, which may end in a wildcard."""
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}


def only_items_without(text: str) -> dict[str, dict[str, object]]:
    """The condition that limits a statement to items whose keys do not contain this text."""
    return {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": [f"*{text}*"]}}


class RetainedTable(Table):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: Key,
        partition_key: Attribute,
        sort_key: Attribute | None = None,
        time_to_live: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=partition_key,
            sort_key=sort_key,
            time_to_live_attribute=time_to_live,
            billing_mode=BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=TableEncryption.CUSTOMER_MANAGED,
            encryption_key=encryption_key,
            removal_policy=RETAINED,
        )

    def index_arn(self, name: str) -> str:
        return f"{self.table_arn}/index/{name}"
