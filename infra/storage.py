"""The remediator's memory, and the key that encrypts it: what outlives the stack."""

from __future__ import annotations

from aws_cdk import Acknowledgment, RemovalPolicy, Validations
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    BillingMode,
    PointInTimeRecoverySpecification,
    ProjectionType,
    Table,
    TableEncryption,
)
from aws_cdk.aws_kms import Key
from constructs import Construct

from lambdas.adapters.incident_table import DUE_INDEX

# `cdk destroy` and an accidental replacement leave the table, a security record, and the key without
# which nobody could read it; a first deployment that fails leaves nothing behind. Deletion protection
# would block that roll-back. A table deleted by hand can be restored for 35 days, as it has
# point-in-time recovery.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
OUTLIVES_THE_STACK = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
TIME_TO_LIVE = "expiresAt"


class Storage(Construct):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.key = Key(
            self,
            "Key",
            description="Access Key Remediator: its incidents, alerts and alarms",
            enable_key_rotation=True,
            removal_policy=OUTLIVES_THE_STACK,
        )
        self.incident_table = Table(
            self,
            "Incidents",
            partition_key=Attribute(name="accessKeyId", type=AttributeType.STRING),
            sort_key=Attribute(name="openedAt", type=AttributeType.STRING),
            time_to_live_attribute=TIME_TO_LIVE,
            billing_mode=BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            removal_policy=OUTLIVES_THE_STACK,
        )
        # Sparse: only incidents that wait for something have a timer, and are in it.
        self.incident_table.add_global_secondary_index(
            index_name=DUE_INDEX,
            partition_key=Attribute(name="timer", type=AttributeType.STRING),
            sort_key=Attribute(name="dueAt", type=AttributeType.NUMBER),
            projection_type=ProjectionType.KEYS_ONLY,
        )
        self.due_index_arn = f"{self.incident_table.table_arn}/index/{DUE_INDEX}"
        self.lease_table = Table(
            self,
            "Leases",
            partition_key=Attribute(name="name", type=AttributeType.STRING),
            time_to_live_attribute=TIME_TO_LIVE,
            billing_mode=BillingMode.PAY_PER_REQUEST,
            encryption=TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        Validations.of(self.lease_table).acknowledge(
            Acknowledgment(
                id="AwsSolutions-DDB3",
                reason="A lease keeps two workers from opening one incident twice, and means nothing after "
                "less than a minute: there is no point in time to recover.",
            )
        )
