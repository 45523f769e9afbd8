"""Evaluates policies where the emulator does not, with the emulator's own evaluation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

if TYPE_CHECKING:
    from collections.abc import Mapping


def service_may(service: str, action: str, resource: str, keys: Mapping[str, str]) -> bool:
    """Whether the resource's own policy lets an AWS service (`events.amazonaws.com`) act on it."""
    found = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if found is None:
        return False
    context = _context(action, resource, keys)
    return bool(iam_evaluator.evaluate_resource_policy(found[0], context, service).decision == "Allow")


def role_may(role_arn: str, action: str, resource: str, keys: Mapping[str, str] | None = None) -> bool:
    """Whether the role's policies, with the resource's own, allow it: what AWS asks of an execution role."""
    account, role_name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    session = f"arn:aws:sts::{account}:assumed-role/{role_name}/session"
    context = _context(action, resource, keys or {}, session, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(role_name, account))
    service = action.partition(":")[0]
    if found := iam_evaluator._resource_policy(service, resource):
        required = service in iam_evaluator._POLICY_REQUIRED
        result = iam_evaluator.combine_resource_policy(result, context, *found, required=required)
    return bool(result.decision == "Allow")


def account_may(account: str, service: str, action: str, resource: str, keys: Mapping[str, str]) -> bool:
    """Whether the resource's own policy lets an AWS service act for an account: it may name either."""
    found = iam_evaluator._resource_policy(action.partition(":")[0], resource) or (None,)
    root = f"arn:aws:iam::{account}:root"
    context = _context(action, resource, keys, root, account)
    return bool(iam_evaluator.evaluate_resource_policy(found[0], context, service).decision == "Allow")


def service_may_assume(service: str, role: Mapping[str, Any] | None) -> bool:
    """Whether the role's trust policy names the service; its conditions are left alone."""
    if role is None:
        return False
    document = role["AssumeRolePolicyDocument"]
    statements = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    return any(
        statement["Effect"] == "Allow"
        and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        for statement in ([statements] if isinstance(statements, dict) else statements)
    )


def customer_key_arn(attributes: Mapping[str, str]) -> str | None:
    """The customer's key of a queue or topic; AWS's own keys (`alias/aws/...`) let the whole account in."""
    key: dict[str, str] = kms._resolve_key(attributes.get("KmsMasterKeyId", "")) or {}
    return key.get("Arn")


def _context(
    action: str,
    resource: str,
    keys: Mapping[str, str],
    principal: str = "",
    account: str = "",
) -> Any:
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole" if principal else "Service",
        principal_account=account or get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
        service_context={name.lower(): value for name, value in keys.items()},
    )
