"""The `track_keys` function, which records changes to keys in the ledger: its trigger and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration

from infra.functions.python_function import PythonFunction
from infra.ledger.permissions import allow_writing_entries
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.function_settings import TrackSettings
from lambdas.ledger.adapters.ledger_items import OWNER_END_INDEX, OWNER_INDEX
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from constructs import Construct

    from infra.detection.queues import WorkQueue
    from infra.messaging.message_queue import MessageQueue
    from infra.resources import StackResources
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(30)
BATCHING_WINDOW = Duration.seconds(1)
BATCH_SIZE = 100
MAX_CONCURRENCY = 2  # the account shares the request rate of IAM


class TrackKeys(PythonFunction):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        queue: WorkQueue,
        roles: RotationRoles,
        enrolments: MessageQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            resources=resources,
            description="Updates the ledger as access keys are created, deactivated and deleted",
            handler_module="track_keys",
            timeout=TIMEOUT,
            settings=resources.settings(
                TrackSettings, enrolment_queue_url=enrolments.queue_url, **roles.names
            ),
        )
        queue.invoke(self, batch_size=BATCH_SIZE, max_concurrency=MAX_CONCURRENCY)
        self.allow_reading_iam(["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"])
        ledger = resources.storage.ledger_table
        self.allow(["dynamodb:GetItem"], on=ledger.table_arn)
        allow_writing_entries(self)
        self.allow(["dynamodb:Query"], on=ledger.index_arn(OWNER_END_INDEX))
        # What the rotation and the retirement did to a key is explained by the states of its user's secrets.
        self.allow(["dynamodb:Query"], on=ledger.index_arn(OWNER_INDEX), when=only_items(f"{PREFIX}*"))
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        resources.storage.key.grant(self, "kms:Decrypt")
        # Predicted outages are sent as signals.
        resources.intake.signal_queue.accept(self.execution_role)
        resources.intake.dead_letter_queue.accept(self.execution_role)
        enrolments.accept(self.execution_role)
