"""The permissions boundary of a role in a template.

CloudFormation documents the property PermissionsBoundary of AWS::IAM::Role. The emulator enforces a boundary
that PutRolePermissionsBoundary set, but ignores the property.
"""

from __future__ import annotations

from typing import Any

from ministack.services import iam

from local.emulator.provisioning import also_apply


def fill() -> None:
    also_apply("AWS::IAM::Role", _apply)


def _apply(name: str, properties: dict[str, Any]) -> Any:
    boundary = properties.get("PermissionsBoundary")
    if boundary:
        return iam._put_role_permissions_boundary({"RoleName": [name], "PermissionsBoundary": [boundary]})
    iam._roles[name].pop("PermissionsBoundary", None)
    return None
