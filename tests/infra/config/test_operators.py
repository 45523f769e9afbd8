from __future__ import annotations

import pytest

from infra.config.config import Config
from infra.config.fields import ConfigError

ROLE = "arn:aws:iam::123456789012:role/Operators"


@pytest.mark.parametrize(
    "role",
    [
        ROLE,
        "arn:aws-cn:iam::123456789012:role/teams/Operators",
        "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0a1b",
    ],
)
def test_an_operator_is_the_arn_of_a_role(role: str) -> None:
    assert Config.from_context({"operatorRoleArns": [role]}).operator_role_arns == (role,)


def test_there_are_no_operators_by_default() -> None:
    assert Config().operator_role_arns == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (ROLE, " must be a list of at most 5 roles"),
        ([ROLE] * 6, " must be a list of at most 5 roles"),
        (["arn:aws:iam::123456789012:role/*"], "[0]: must be the ARN of a role, with its path and without"),
        (["arn:aws:iam::123456789012:user/alice"], "[0]: must be the ARN of a role"),
        (["arn:aws:sts::123456789012:assumed-role/Operators/x"], "[0]: must be the ARN of a role"),
        ([f"arn:aws:iam::123456789012:role/{'p' * 300}/r"], "[0]: must be at most 300 characters"),
    ],
)
def test_anything_else_is_refused(value: object, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config.from_context({"operatorRoleArns": value})
    assert message in str(error.value)
    assert str(error.value).startswith("access-key-remediator.operatorRoleArns")
