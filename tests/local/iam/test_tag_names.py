"""Names of tags of a user: to IAM they are one tag in any case, to a policy they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

LOWER, OTHER = "access-key-remediator:secret", "Access-Key-Remediator:Secret"


def tags(iam: Any, user: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(UserName=user)["Tags"]}


def test_the_last_spelling_stays_and_any_spelling_removes_it(bench: Workbench) -> None:
    iam, user = bench.client("iam"), bench.user()
    iam.tag_user(UserName=user, Tags=[{"Key": LOWER, "Value": "a"}])
    iam.tag_user(UserName=user, Tags=[{"Key": OTHER, "Value": "b"}])
    assert tags(iam, user) == {OTHER: "b"}
    iam.untag_user(UserName=user, TagKeys=[LOWER])
    assert tags(iam, user) == {}


def test_a_denied_name_can_be_set_in_another_spelling(bench: Workbench) -> None:
    denied = {"ForAnyValue:StringLike": {"aws:TagKeys": ["access-key-remediator:*"]}}
    user = bench.user(
        statement("iam:TagUser"), {**statement("iam:TagUser", Condition=denied), "Effect": "Deny"}
    )
    key = bench.key(user)
    own = bench.session((*key, "")).client("iam")
    with pytest.raises(ClientError, match="AccessDenied"):
        own.tag_user(UserName=user, Tags=[{"Key": LOWER, "Value": "a"}])
    own.tag_user(UserName=user, Tags=[{"Key": OTHER, "Value": "b"}])
    assert tags(bench.client("iam"), user) == {OTHER: "b"}
