"""What `remediate` and `alert_timer` share, as both gather and tell: their settings, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Validations

from infra.functions import PythonFunction
from infra.notification import USE_FOR_PUBLISHING
from lambdas.ledger.adapters.ledger_indexes import MIDDLE_INDEX, OWNER_INDEX, TAIL_INDEX
from lambdas.settings import RemediateSettings

if TYPE_CHECKING:
    from aws_cdk import Duration
    from aws_cdk.aws_lambda import Code
    from constructs import Construct

    from infra.config import Config
    from infra.failing_over import FailingOver
    from infra.intake import Intake
    from infra.notification import Notification
    from infra.regions import Regions
    from infra.storage import Storage
    from infra.switches import Switches

USERS = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:user/*"
ROLES = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/*"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What such a function is made of and works with."""

    code: Code
    config: Config
    regions: Regions
    intake: Intake
    storage: Storage
    notification: Notification
    switches: Switches

    def settings(self, fail_over_function_name: str) -> RemediateSettings:
        rotation, chat = self.config.rotation, self.notification.chat_topic
        return RemediateSettings(
            account=Aws.ACCOUNT_ID,
            partition=Aws.PARTITION,
            ledger_table_name=self.storage.ledger_table.table_name,
            stage_mode=self.config.mode,
            incident_table_name=self.storage.incident_table.table_name,
            lease_table_name=self.storage.lease_table.table_name,
            exemption_table_name=self.storage.exemption_table.table_name,
            alert_topic_arn=self.notification.alert_topic.topic_arn,
            chat_topic_arn=chat.topic_arn if chat else "",
            incident_bus_name=self.notification.incident_bus.event_bus_name,
            dead_letter_queue_url=self.intake.dead_letter_queue.queue_url,
            incident_quiet_seconds=self.config.incident_quiet_seconds,
            incident_retention_seconds=self.config.incident_retention_seconds,
            unknown_key_recheck_seconds=self.config.unknown_key_recheck_seconds,
            prediction_window_seconds=self.config.prediction_window_seconds,
            alert_count_thresholds=self.config.alerts.count_thresholds,
            alert_update_seconds=self.config.alerts.update_seconds,
            alert_digest_seconds=self.config.alerts.digest_seconds,
            new_key_check_seconds=self.config.alerts.new_key_check_seconds,
            regions=self.regions.every,
            known_accounts=self.config.known_accounts,
            organization_accounts=self.config.organization_accounts,
            contact_domains=self.config.contact_domains,
            secret_prefix=rotation.secret_prefix,
            kill_switch_parameter=self.switches.kill_switch.parameter_name,
            mode_parameter=self.switches.mode.parameter_name,
            cooldown_seconds=rotation.cooldown_seconds,
            hourly_budget=rotation.hourly_budget,
            automations=rotation.automations,
            backup_users=rotation.backup_users,
            rotate_whatever_switched_off=rotation.rotate_whatever_switched_off,
            fail_over_function_name=fail_over_function_name,
        )


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
