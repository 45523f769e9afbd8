"""The roles of `rotate_key` and `retire_keys`, made before the functions: each is told the names of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws
from constructs import Construct

from infra.functions.python_function import execution_role
from lambdas.handlers.bootstrap.rotate_settings import RotationSettings

if TYPE_CHECKING:
    from infra.resources import Surroundings


class RotationRoles(Construct):
    """By their names CloudTrail says who made a key, and who switched one off."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.rotate_key = execution_role(self, "RotateKeyRole")
        self.retire_keys = execution_role(self, "RetireKeysRole")

    def settings(self, surroundings: Surroundings) -> RotationSettings:
        """Those that both functions have."""
        rotation = surroundings.config.rotation
        return RotationSettings(
            account=Aws.ACCOUNT_ID,
            partition=Aws.PARTITION,
            ledger_table_name=surroundings.storage.ledger_table.table_name,
            secret_prefix=rotation.secret_prefix,
            kill_switch_parameter=surroundings.switches.kill_switch.parameter_name,
            rotation_role_name=self.rotate_key.role_name,
            retirement_role_name=self.retire_keys.role_name,
            grace_seconds=rotation.grace_seconds,
            quiet_seconds=rotation.quiet_seconds,
            deletion_seconds=rotation.deletion_seconds,
            unused_key_seconds=rotation.unused_key_seconds,
            signal_queue_url=surroundings.intake.signal_queue.queue_url,
        )
