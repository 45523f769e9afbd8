"""The roles of `rotate_key` and `retire_keys`, created before the functions that need the names of both."""

from __future__ import annotations

from constructs import Construct

from infra.functions.python_function import execution_role


class RotationRoles(Construct):
    """CloudTrail shows by the role's name who created or deactivated a key."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.rotate_key = execution_role(self, "RotateKeyRole")
        self.retire_keys = execution_role(self, "RetireKeysRole")
        self.names = {
            "rotation_role_name": self.rotate_key.role_name,
            "retirement_role_name": self.retire_keys.role_name,
        }
