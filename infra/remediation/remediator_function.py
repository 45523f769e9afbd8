"""What `remediate` and `alert_timer` share, as both gather and tell: their settings, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

from infra.alerting.topics import USE_FOR_PUBLISHING
from infra.functions.python_function import PythonFunction
from infra.resources import ROLES, USERS, Surroundings
from lambdas.ledger.adapters.ledger_indexes import MIDDLE_INDEX, OWNER_INDEX, TAIL_INDEX

if TYPE_CHECKING:
    from aws_cdk import Duration
    from constructs import Construct

    from infra.alerting.topics import Notification
    from infra.rotation.fail_over import FailingOver
    from infra.storage.tables import Storage


class RemediatorFunction(PythonFunction):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        handler_module: str,
        timeout: Duration,
        surroundings: Surroundings,
        failing_over: FailingOver,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=surroundings.code,
            handler_module=handler_module,
            memory_mib=256,
            timeout=timeout,
            environment=surroundings.settings(failing_over.function.function_name).to_env(),
            log_retention_seconds=surroundings.config.log_retention_seconds,
        )
        self._let_gather(surroundings.storage)
        self._let_tell(surroundings.storage, surroundings.notification)
        switches = surroundings.switches
        switches.let_read(self, switches.kill_switch, switches.mode)
        failing_over.let_ask(self)

    def _let_gather(self, storage: Storage) -> None:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        self.allow(["iam:ListUsers"], on=USERS)
        self.allow(["iam:GetRole"], on=ROLES)
        # https://github.com/cloud-gov/terraform-provision/pull/1923 met a missing user with a narrower grant.
        self.allow(
            [
                "iam:GetAccessKeyLastUsed",
                "iam:GetUser",
                "iam:ListAccessKeys",
                "iam:ListAttachedUserPolicies",
            ],
            on="*",
        )
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
        self.allow(["cloudtrail:LookupEvents", "sts:GetAccessKeyInfo"], on="*")
        # Beside its leases the table keeps the key by which to see that look-ups work, and counts the
        # rotations of an hour.
        self.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            on=storage.lease_table.table_arn,
        )
        self.allow(["dynamodb:Scan"], on=storage.exemption_table.table_arn)
        ledger = storage.ledger_table
        self.allow(["dynamodb:GetItem"], on=ledger.table_arn)
        self.allow(
            ["dynamodb:Query"],
            on=[ledger.index_arn(name) for name in (OWNER_INDEX, TAIL_INDEX, MIDDLE_INDEX)],
        )
        Validations.of(self.execution_role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:user/*]",
                reason="It is a list of the users, to find one with a key by which to see that look-ups "
                "work.",
            ),
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*]",
                reason="Any role may have been given the temporary key that is refused. It only reads "
                "whether the role is still there.",
            ),
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="LookupEvents and GetAccessKeyInfo have no resource that could be named. The others "
                "are asked of keys that belong to nobody and of users that are gone, for which IAM has no "
                "ARN to match: a narrow grant would answer AccessDenied, as if the permission were missing. "
                "All of them only read.",
            ),
        )

    def _let_tell(self, storage: Storage, notification: Notification) -> None:
        # To use a table, a caller needs no more than kms:Decrypt of its key.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        storage.key.grant(self, *USE_FOR_PUBLISHING)
        self.allow(["dynamodb:Query", "dynamodb:UpdateItem"], on=storage.incident_table.table_arn)
        # Not grant_publish, which adds kms:GenerateDataKey*.
        topics = filter(None, (notification.alert_topic, notification.chat_topic))
        self.allow(["sns:Publish"], on=[topic.topic_arn for topic in topics])
        notification.incident_bus.grant_put_events_to(self)
