"""The `retire_keys` function, which deactivates and deletes replaced keys: its schedule and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.functions.schedule import HOUR, ScheduledRun
from infra.rotation.permissions import allow_key_replacement
from infra.storage.retained_table import only_items
from lambdas.handlers.bootstrap.function_settings import RetireSettings
from lambdas.retirement.adapters.retirement_cursor import CURSOR_ITEM

if TYPE_CHECKING:
    from infra.resources import StackResources
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.minutes(5)


class Retirement(Construct):
    """A due retirement stays due until it is done, so the next run does the work of a lost one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, roles: RotationRoles
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "RetireKeys",
            resources=resources,
            description="Retires replaced access keys, and repairs interrupted rotations",
            handler_module="retire_keys",
            timeout=TIMEOUT,
            settings=resources.settings(RetireSettings, **roles.names),
            role=roles.retire_keys,
        )
        allow_key_replacement(self.function, ["iam:DeleteAccessKey", "iam:UpdateAccessKey"])
        storage = resources.storage
        # The ledger lists the rotations; the incidents show whose calls fail.
        self.function.allow(["dynamodb:Scan"], on=storage.ledger_table.table_arn)
        self.function.allow(["dynamodb:Query"], on=storage.incident_table.table_arn)
        # How long a key was ever unused between two uses, which can only have it kept for longer.
        self.function.allow(["dynamodb:GetItem"], on=storage.ledger_table.table_arn, when=only_items("AKIA*"))
        # The position from which the next run resumes.
        self.function.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem"],
            on=storage.lease_table.table_arn,
            when=only_items(CURSOR_ITEM),
        )
        ScheduledRun(
            self,
            "EveryHour",
            function=self.function,
            every=HOUR,
            description="Starts the retirement of replaced keys",
        )
