"""The DynamoDB tables and the KMS key that encrypts them, the topics and the managed secrets."""

from __future__ import annotations

from aws_cdk import Acknowledgment, RemovalPolicy, Validations
from aws_cdk.aws_dynamodb import Attribute, AttributeType, BillingMode, ProjectionType, Table, TableEncryption
from aws_cdk.aws_kms import Key
from constructs import Construct

from infra.storage.retained_table import RETAINED, RetainedTable, text
from lambdas.incidents.adapters.incident_table import DUE_INDEX
from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, OWNER_INDEX, TAIL_INDEX

TIME_TO_LIVE = "expiresAt"


class Storage(Construct):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.key = Key(
            self,
            "Key",
            description="Access Key Remediator: tables, alerts, alarms and managed secrets",
            enable_key_rotation=True,
            removal_policy=RETAINED,
        )
        self.ledger_table = self._ledger()
        self.incident_table = self._incidents()
        self.lease_table = self._leases()
        self.exemption_table = RetainedTable(
            self,
            "Exemptions",
            encryption_key=self.key,
            partition_key=text("exemption"),
            time_to_live=TIME_TO_LIVE,
        )

    def _ledger(self) -> RetainedTable:
        """No entry expires, because even an old one may identify the owner of a key."""
        table = RetainedTable(self, "Ledger", encryption_key=self.key, partition_key=text("accessKeyId"))
        table.add_global_secondary_index(
            index_name=OWNER_INDEX,
            partition_key=text("ownerName"),
            sort_key=text("accessKeyId"),
            projection_type=ProjectionType.ALL,
        )
        table.add_global_secondary_index(
            index_name=OWNER_END_INDEX,
            partition_key=text("ownerName"),
            sort_key=text("ownerEnd"),
            projection_type=ProjectionType.ALL,
        )
        for index_name, piece in ((TAIL_INDEX, "tail"), (MIDDLE_INDEX, "middle")):
            table.add_global_secondary_index(
                index_name=index_name,
                partition_key=text(piece),
                projection_type=ProjectionType.INCLUDE,
                non_key_attributes=["ownerName"],
            )
        return table

    def _incidents(self) -> RetainedTable:
        table = RetainedTable(
            self,
            "Incidents",
            encryption_key=self.key,
            partition_key=text("accessKeyId"),
            sort_key=text("openedAt"),
            time_to_live=TIME_TO_LIVE,
        )
        # Sparse: it contains only incidents that are due at some time.
        table.add_global_secondary_index(
            index_name=DUE_INDEX,
            partition_key=text("timer"),
            sort_key=Attribute(name="dueAt", type=AttributeType.NUMBER),
            projection_type=ProjectionType.KEYS_ONLY,
        )
        return table

    def _leases(self) -> Table:
        table = Table(
            self,
            "Leases",
            partition_key=text("name"),
            time_to_live_attribute=TIME_TO_LIVE,
            billing_mode=BillingMode.PAY_PER_REQUEST,
            encryption=TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        Validations.of(table).acknowledge(
            Acknowledgment(
                id="AwsSolutions-DDB3",
                reason="The table holds leases of less than a minute, and work state that is rebuilt if lost "
                "(the probe key, the position of a sync). Recovering an earlier state has no use.",
            )
        )
        return table
