"""moto's AWS, in this process, for the adapters' contract tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from lambdas.aws.adapters.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Clients()
