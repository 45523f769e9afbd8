"""SimulatePrincipalPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

READ = "secretsmanager:GetSecretValue"
HERE, THERE = (f"arn:aws:secretsmanager:{region}:000000000000:secret:a-AbCdEf" for region in ("a-1", "b-1"))
ISSUED = {
    "ContextKeyName": "aws:TokenIssueTime",
    "ContextKeyType": "date",
    "ContextKeyValues": ["2026-01-01T00:00:00Z"],
}


def simulate(bench: Workbench, user: str, *resources: str, **more: Any) -> list[tuple[str, list[str]]]:
    """Each decision with the missing keys."""
    answer = bench.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{bench.aws.account}:user/{user}",
        ActionNames=[READ],
        ResourceArns=resources,
        **more,
    )
    results = answer["EvaluationResults"]
    return [(result["EvalDecision"], result["MissingContextValues"]) for result in results]


def test_each_resource_is_evaluated_by_itself(bench: Workbench) -> None:
    assert simulate(bench, bench.user(statement(READ, THERE)), HERE, THERE) == [
        ("implicitDeny", []),
        ("allowed", []),
    ]


@pytest.mark.parametrize("null", ["true", "false"])
def test_a_condition_sees_the_given_context_and_a_key_without_value_is_named(
    bench: Workbench, null: str
) -> None:
    user = bench.user(statement(READ, Condition={"Null": {"aws:TokenIssueTime": null}}))
    [(decision, missing)] = simulate(bench, user, HERE, ContextEntries=[ISSUED])
    assert (decision == "allowed", missing) == (null == "false", [])
    [(_, missing)] = simulate(bench, user, HERE)
    assert missing == ["aws:TokenIssueTime"]


def test_a_condition_of_a_statement_about_another_action_is_not_missing(bench: Workbench) -> None:
    condition = {"StringEquals": {"s3express:SessionMode": "ReadOnly"}}
    user = bench.user(statement("s3express:CreateSession", Condition=condition))
    assert simulate(bench, user, HERE) == [("implicitDeny", [])]
