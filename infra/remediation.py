"""The `remediate` function: its trigger, what it is told, and all that it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, Duration, Validations
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.functions import PythonFunction
from infra.notification import USE_FOR_PUBLISHING
from lambdas.settings import RemediateSettings

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Code

    from infra.config import Config
    from infra.intake import Intake
    from infra.notification import Notification
    from infra.storage import Storage

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)  # the longest an alert waits for other signals to share its batch
BATCH_SIZE = 100
# A storm may not take the account's concurrency, nor IAM's request rate, from others.
MAX_CONCURRENCY = 5

USERS = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:user/*"


class Remediation(Construct):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: Code,
        config: Config,
        intake: Intake,
        storage: Storage,
        notification: Notification,
    ) -> None:
        super().__init__(scope, construct_id)
        settings = RemediateSettings(
            account=Aws.ACCOUNT_ID,
            partition=Aws.PARTITION,
            stage_mode=config.mode,
            incident_table_name=storage.incident_table.table_name,
            lease_table_name=storage.lease_table.table_name,
            alert_topic_arn=notification.alert_topic.topic_arn,
            incident_bus_name=notification.incident_bus.event_bus_name,
            dead_letter_queue_url=intake.dead_letter_queue.queue_url,
            incident_quiet_seconds=config.incident_quiet_seconds,
            incident_retention_seconds=config.incident_retention_seconds,
            known_accounts=config.known_accounts,
        )
        self.function = PythonFunction(
            self,
            "Remediate",
            description="Tells the owner of a refused access key what is wrong with it",
            code=code,
            handler_module="remediate",
            memory_mib=256,
            timeout=TIMEOUT,
            environment=settings.to_env(),
            log_retention_seconds=config.log_retention_seconds,
        )
        self.function.add_event_source(
            SqsEventSource(
                intake.signal_queue,
                batch_size=BATCH_SIZE,
                max_batching_window=BATCHING_WINDOW,
                max_concurrency=MAX_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        _let_gather(self.function)
        _let_act(self.function, intake=intake, storage=storage, notification=notification)


def _let_gather(function: PythonFunction) -> None:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    _allow(function, ["iam:ListUsers"], on=USERS)
    # https://github.com/cloud-gov/terraform-provision/pull/1923 met a missing user with a narrower grant.
    _allow(function, ["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"], on="*")
    _allow(function, ["cloudtrail:LookupEvents"], on="*")
    Validations.of(function.execution_role).acknowledge(
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:user/*]",
            reason="It is a list of the users, to find one with a key by which to see that look-ups work.",
        ),
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::*]",
            reason="LookupEvents has no resource that could be named. The others are asked of keys that "
            "belong to nobody and of users that are gone, for which IAM has no ARN to match: a narrow grant "
            "would answer AccessDenied, as if the permission were missing. All of them only read.",
        ),
    )


def _let_act(
    function: PythonFunction, *, intake: Intake, storage: Storage, notification: Notification
) -> None:
    # To use a table, a caller needs no more than kms:Decrypt of its key.
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    storage.key.grant(function, *USE_FOR_PUBLISHING)
    storage.incident_table.grant(function, "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem")
    storage.lease_table.grant(function, "dynamodb:GetItem", "dynamodb:PutItem")
    # Not grant_publish, which adds kms:GenerateDataKey*.
    _allow(function, ["sns:Publish"], on=notification.alert_topic.topic_arn)
    notification.incident_bus.grant_put_events_to(function)
    intake.dead_letter_queue.grant(function, "sqs:SendMessage")


def _allow(function: PythonFunction, actions: list[str], *, on: str) -> None:
    function.add_to_role_policy(PolicyStatement(actions=actions, resources=[on]))
