from __future__ import annotations

import pytest

from lambdas.domain.caller_advice import advice_for
from tests.builders import a_caller


@pytest.mark.parametrize(
    ("source", "user_agent", "word"),
    [
        ("140.82.112.3", "aws-cli/2.15 exec-env/GitHub_Actions", "OIDC"),
        ("3.5.140.2", "Boto3/1.34 exec-env/CodeBuild jenkins", "OIDC"),
        ("3.5.140.2", "Boto3/1.34 exec-env/AWS_Lambda_python3.13", "role"),
        ("3.5.140.2", "Boto3/1.34 exec-env/AWS_ECS_FARGATE", "role"),
        ("3.5.140.2", "Boto3/1.34 Linux/6.1.0-amzn2023", "role"),
        ("ec2.eu-west-1.amazonaws.com", "aws-sdk-go", "role"),
        ("198.51.100.7", "aws-cli/2.15 os/macos#23.1", "Identity Center"),
        ("8.8.8.8", "Boto3/1.34 os/linux#6.1", "Roles Anywhere"),
        ("10.1.2.3", "Boto3/1.34 os/linux#6.1", ""),
    ],
)
def test_the_advice_fits_the_caller(source: str, user_agent: str, word: str) -> None:
    advice = advice_for(a_caller(source, user_agent))
    assert word in advice
    assert bool(advice) is bool(word)
