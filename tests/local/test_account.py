"""The account that a target of the Makefile names before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from local import deploy
from local.account import Account, find_account, reporting_errors

KEY = "none"  # no call is made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.emulator.process import LocalAws


@pytest.fixture
def in_shell_of(monkeypatch: pytest.MonkeyPatch, aws: LocalAws) -> Iterator[LocalAws]:
    """After `source .local/env`."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION", raising=False)
    yield aws
    boto3.setup_default_session()


def test_it_names_account_and_region_and_an_endpoint_that_is_not_of_aws(in_shell_of: LocalAws) -> None:
    account = find_account()
    assert account == Account(in_shell_of.account, "us-east-1", in_shell_of.endpoint_url)
    assert (
        str(account)
        == f"account 111122223333, region us-east-1, at {in_shell_of.endpoint_url} instead of AWS"
    )
    assert str(Account("111122223333", "eu-west-1")) == "account 111122223333, region eu-west-1"


def test_without_a_region_nothing_is_deployed(
    in_shell_of: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert in_shell_of.is_healthy()
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(deploy, "run", pytest.fail)
    assert reporting_errors(deploy.main) == 1
    assert "You must specify a region" in capsys.readouterr().err


def test_deploy_changes_no_local_stack_unless_its_account_is_confirmed(
    in_shell_of: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONFIRM", "999999999999")
    monkeypatch.setattr(deploy, "run", pytest.fail)
    assert deploy.main() == 1
    printed = capsys.readouterr().out.splitlines()
    assert in_shell_of.endpoint_url in printed[0]
    assert "make up" in printed[1]


def test_the_endpoints_of_every_partition_are_those_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    class Identity:
        def __init__(self, region: str) -> None:
            self.meta = boto3.Session(KEY, KEY).client("sts", region_name=region).meta

        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": "123456789012"}

    for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"):
        identity = Identity(region)
        with monkeypatch.context() as patch:
            patch.setattr(boto3, "client", lambda _, it=identity: it)
            assert find_account() == Account("123456789012", region)
