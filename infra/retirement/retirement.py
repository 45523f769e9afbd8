"""The `retire_keys` function: its schedule, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.functions.schedule import HOUR, ScheduledRun
from infra.rotation.permissions import allow_key_replacement
from lambdas.handlers.bootstrap.rotate_settings import RetireSettings

if TYPE_CHECKING:
    from infra.resources import StackResources
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.minutes(5)


class Retirement(Construct):
    """What is due stays due until it is worked off, so a run that is lost is made up for by the next."""

    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, roles: RotationRoles
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "RetireKeys",
            resources=resources,
            description="Retires access keys that were replaced, and mends what a dead rotation has left",
            handler_module="retire_keys",
            timeout=TIMEOUT,
            settings=resources.settings(RetireSettings, **roles.names),
            role=roles.retire_keys,
        )
        allow_key_replacement(self.function, ["iam:DeleteAccessKey", "iam:UpdateAccessKey"])
        storage = resources.storage
        # It finds the rotations by it, and whose calls fail by the incidents.
        self.function.allow(["dynamodb:Scan"], on=storage.ledger_table.table_arn)
        self.function.allow(["dynamodb:Query"], on=storage.incident_table.table_arn)
        # How far it has come.
        self.function.allow(["dynamodb:GetItem", "dynamodb:PutItem"], on=storage.lease_table.table_arn)
        ScheduledRun(
            self, "EveryHour", function=self.function, every=HOUR, description="Starts the retirement of keys"
        )
