from __future__ import annotations

import pytest

from lambdas.alerting.domain.caller_advice import advice_for
from tests.support.builders import a_caller


@pytest.mark.parametrize(
    ("source", "user_agent", "word"),
    [
        ("140.82.112.3", "aws-cli/2.15 exec-env/GitHub_Actions", "OIDC"),
        ("140.82.112.3", "aws-sdk-nodejs/2.1 configure-aws-credentials-for-github-actions", "OIDC"),
        ("140.82.112.3", "aws-cli/2.15 actions/runner", "OIDC"),
        ("140.82.112.3", "Boto3/1.34 app/GITHUB_RUN_42", "OIDC"),
        ("34.74.90.64", "aws-cli/2.15 gitlab-runner/16", "OIDC"),
        ("8.8.8.8", "github.com/someone/tool/actions aws-sdk-go/1.44", "secret manager"),
        ("8.8.8.8", "gitlab.com/someone/tool aws-sdk-go/1.44", "secret manager"),
        ("3.5.140.2", "Boto3/1.34 exec-env/CodeBuild", "a role instead"),
        ("codebuild.amazonaws.com", "codebuild.amazonaws.com", "a role instead"),
        ("3.5.140.2", "aws-cli/2.15 exec-env/AWS_ECS_EC2 GITHUB_RUN_42", "a role instead"),
        ("3.5.140.2", "aws-sdk-java/1.12 exec-env/EC2 jenkins", "a role instead"),
        ("8.8.8.8", "aws-sdk-java/1.12 jenkins", "OIDC"),
        ("3.5.140.2", "Boto3/1.34 exec-env/AWS_Lambda_python3.13", "role"),
        ("3.5.140.2", "Boto3/1.34 exec-env/AWS_ECS_FARGATE", "role"),
        ("3.5.140.2", "Boto3/1.34 Linux/6.1.0-amzn2023", "role"),
        ("ec2.eu-west-1.amazonaws.com", "aws-sdk-go", "role"),
        ("198.51.100.7", "aws-cli/2.15 os/macos#23.1", "Identity Center"),
        ("198.51.100.7", "aws-cli/2.15 os/windows#10", "Identity Center"),
        (
            "198.51.100.7",
            "aws-sdk-java/1.12 Windows_10/10.0 OpenJDK_64-Bit_Server_VM/25",
            "Identity Center",
        ),
        ("198.51.100.7", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Identity Center"),
        ("8.8.8.8", "Boto3/1.34 Python/3.9 Windows/2019Server", "Roles Anywhere"),
        ("8.8.8.8", "aws-cli/2.15 os/windows#2022Server", "Roles Anywhere"),
        ("8.8.8.8", "aws-sdk-java/1.12 Windows_Server_2019/10.0", "Roles Anywhere"),
        ("8.8.8.8", "aws-sdk-java/2.20 (Windows Server 2016; x64)", "Roles Anywhere"),
        ("8.8.8.8", "aws-sdk-dotnet-coreclr/3.7 os/windows#10.0.17763.0", "Roles Anywhere"),
        ("10.1.2.3", "aws-sdk-dotnet-coreclr/3.7 OS/Windows_Server", "secret manager"),
        ("8.8.8.8", "Boto3/1.34 os/linux#6.1", "Roles Anywhere"),
        ("8.8.8.8", "Boto3/1.34 os/linux#6.1", "secret manager"),
        ("10.1.2.3", "Boto3/1.34 os/linux#6.1", "secret manager"),
    ],
)
def test_the_advice_fits_the_caller(source: str, user_agent: str, word: str) -> None:
    assert word in advice_for(a_caller(source, user_agent))
