"""Every grant is one that the Service Authorization Reference knows: action, resource and condition keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.service_authorization import Action, actions, same_arn
from tests.infra.statements import Statement, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.synthesis import Json

UNKNOWN_USERS = (
    "The users and keys may be deleted or unknown, so IAM has no ARN to match, and a narrower grant answers "
    "AccessDenied instead of NoSuchEntity. https://github.com/cloud-gov/terraform-provision/pull/1923"
)
ACCEPTED = {
    "iam:GetAccessKeyLastUsed is allowed on *": UNKNOWN_USERS,
    "iam:GetUser is allowed on *": UNKNOWN_USERS,
    "iam:ListAccessKeys is allowed on *": UNKNOWN_USERS,
    "iam:ListAttachedUserPolicies is allowed on *": UNKNOWN_USERS,
    "kms:* is a wildcard": "The account administers the key through IAM. Without this, nobody could. "
    "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
}
SERVICES = "cloudtrail dynamodb events iam kms lambda logs secretsmanager sns sqs ssm sts"


def findings(statement: Statement) -> Iterator[str]:
    for name in statement.actions:
        known = actions(name)
        if len(known) == 1:
            yield from _findings(name, known[0], statement)
        else:
            yield f"{name} is {'a wildcard' if known else 'no action'}"


def _findings(name: str, action: Action, statement: Statement) -> Iterator[str]:
    for resource in statement.resources:
        if resource == "*" and action.resource_types:
            yield f"{name} is allowed on *"
        elif not action.accepts(resource):
            yield f"{name} is not for {resource}"
    for key in statement.condition_keys:
        if not all(action.knows(key, resource) for resource in statement.resources or ["*"]):
            yield f"{name} has no condition key {key}"


def test_every_grant_is_one_that_the_reference_knows(every_template: list[Json]) -> None:
    found = {
        finding
        for template in every_template
        for statement in statements(template)
        for finding in findings(statement)
    }
    assert found == {*ACCEPTED}


def test_the_reference_is_asked_of_every_policy(every_template: list[Json]) -> None:
    granted = {name for template in every_template for each in statements(template) for name in each.actions}
    services = {name.partition(":")[0] for name in granted}
    assert services == {*SERVICES.split()}


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (Statement(["iam:ListUser"], ["*"], frozenset()), "iam:ListUser is no action"),
        (
            Statement(["iam:ListUsers"], ["arn:aws:iam::123456789012:user/*"], frozenset()),
            "iam:ListUsers is not for arn:aws:iam::123456789012:user/*",
        ),
        (Statement(["iam:GetUser"], ["*"], frozenset()), "iam:GetUser is allowed on *"),
        (
            Statement(["sqs:SendMessage"], ["arn:aws:sns:us-east-1:123456789012:topic"], frozenset()),
            "sqs:SendMessage is not for arn:aws:sns:us-east-1:123456789012:topic",
        ),
        (
            Statement(
                ["sns:Publish"],
                ["arn:aws:sns:us-east-1:123456789012:topic"],
                frozenset({"kms:ViaService"}),
            ),
            "sns:Publish has no condition key kms:ViaService",
        ),
        (
            Statement(
                ["secretsmanager:CreateSecret"],
                ["arn:aws:secretsmanager:us-east-1:123456789012:secret:keys/*"],
                frozenset({"secretsmanager:VersionStage"}),
            ),
            "secretsmanager:CreateSecret has no condition key secretsmanager:VersionStage",
        ),
    ],
)
def test_a_grant_that_the_reference_does_not_know_is_found(statement: Statement, finding: str) -> None:
    assert [*findings(statement)] == [finding]


def test_two_patterns_of_arns_are_the_same_where_an_arn_matches_both() -> None:
    user, role = "arn:*:iam::*:user/*", "arn:*:iam::*:role/*"
    stream = "arn:*:logs:*:*:log-group:*:log-stream:*"
    assert same_arn(user, "arn:aws:iam::123456789012:user/team/*")
    assert same_arn(stream, "arn:aws:logs:us-east-1:123456789012:log-group:name:*")
    assert same_arn(user, "*")
    assert not same_arn(user, role)
    assert not same_arn(stream, "arn:aws:logs:us-east-1:123456789012:log-group:name")
