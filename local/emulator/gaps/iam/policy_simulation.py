"""SimulatePrincipalPolicy.

AWS documents (IAM API reference) that each action is evaluated for each of the ResourceArns (for * where
there are none), with the context keys of the ContextEntries alone; and that a result names the keys that
the policies need and of which the request gave no value, as MissingContextValues. That these are the keys
of the statements about the action and the resource is inferred. The emulator evaluates the first
resource, without entries.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

if TYPE_CHECKING:
    from collections.abc import Iterator

DECISIONS: Final = {"Allow": "allowed", "Deny": "explicitDeny"}
OPERATION: Final = "SimulatePrincipalPolicy"


def fill() -> None:
    iam._IAM_HANDLERS[OPERATION] = simulate


def simulate(request: Any) -> Any:
    principal = iam._p(request, "PolicySourceArn")
    policies = iam_evaluator._gather_user_policies(principal.rpartition("/")[2], get_account_id())
    context = {
        iam._p(request, f"{entry}.ContextKeyName").lower(): iam._p(
            request, f"{entry}.ContextKeyValues.member.1"
        )
        for entry in _entries(request)
    }
    results = "".join(
        _result(_context(principal, action, resource, context), policies)
        for action in _members(request, "ActionNames")
        for resource in [*_members(request, "ResourceArns")] or ["*"]
    )
    body = f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"
    return iam._xml(200, f"{OPERATION}Response", f"<{OPERATION}Result>{body}</{OPERATION}Result>", ns="iam")


def _members(request: Any, name: str) -> Iterator[str]:
    for number in count(1):
        if not (value := iam._p(request, f"{name}.member.{number}")):
            return
        yield value


def _entries(request: Any) -> Iterator[str]:
    for number in count(1):
        entry = f"ContextEntries.member.{number}"
        if not iam._p(request, f"{entry}.ContextKeyName"):
            return
        yield entry


def _context(principal: str, action: str, resource: str, keys: dict[str, str]) -> Any:
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="User",
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context=keys,
    )


def _result(context: Any, policies: list[list[Any]]) -> str:
    decision = iam_evaluator.evaluate(context, policies).decision if policies else ""
    named = {
        key
        for policy in policies
        for statement in policy
        if iam_evaluator._action_matches(context.action, statement.actions, statement.not_actions)
        and iam_evaluator._resource_matches(
            context.resource_arn, statement.resources, statement.not_resources
        )
        for keys in statement.conditions.values()
        for key in keys
        if iam_evaluator._resolve_condition_key(key, context) is None
    }
    missing = "".join(f"<member>{escape(key)}</member>" for key in sorted(named))
    return (
        f"<member><EvalActionName>{context.action}</EvalActionName>"
        f"<EvalResourceName>{escape(context.resource_arn)}</EvalResourceName>"
        f"<EvalDecision>{DECISIONS.get(decision, 'implicitDeny')}</EvalDecision>"
        f"<MissingContextValues>{missing}</MissingContextValues></member>"
    )
