"""moto's AWS, in this process, for the adapters' contract tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import mock_aws
from moto.sns.models import Subscription

from lambdas.aws.adapters.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch, signing_key: rsa.RSAPrivateKey) -> Iterator[Clients]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(Subscription, "private_key", lambda _: signing_key)
    # botocore reads each service's description once a session, which takes longer than most tests.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield Clients()


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    """moto signs notifications and makes a key for every subscription, which takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
