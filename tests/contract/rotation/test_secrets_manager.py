"""Labels and values of a managed secret on Secrets Manager."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.secret_description import CURRENT, LOAN, PREVIOUS
from lambdas.rotation.ports import OtherValueError, SecretGoneError

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

SECRET = "access-keys/alice"
LENT = ManagedSecret(
    user_name="alice", key=NewKey(access_key_id="AKIABOB", secret_access_key="bobs"), others={"Host": "db"}
)


@pytest.fixture
def secrets(clients: Clients) -> SecretsManager:
    clients.secrets.create_secret(
        Name=SECRET,
        ClientRequestToken="first-version-of-the-secret-of-alice",
        SecretString=json.dumps({"UserName": "alice", "Host": "db"}),
    )
    return SecretsManager(clients)


def test_a_borrowed_key_is_stored_beside_the_current_one_until_it_is_promoted(
    secrets: SecretsManager,
) -> None:
    current, version = secrets.describe_secret(SECRET).labelled(CURRENT), str(uuid.uuid4())
    secrets.put_loan(SECRET, version, LENT)
    assert secrets.describe_secret(SECRET).labelled(CURRENT) == current
    assert secrets.describe_secret(SECRET).labelled(LOAN) == version
    secrets.promote(SECRET, version, current)
    secrets.drop_loan(SECRET, version)
    found = secrets.describe_secret(SECRET)
    assert (found.labelled(CURRENT), found.labelled(PREVIOUS)) == (version, current)
    assert not found.labelled(LOAN)
    assert secrets.value(SECRET, version) == LENT


def test_a_secret_without_a_policy_has_an_empty_one(secrets: SecretsManager, clients: Clients) -> None:
    assert secrets.policy_of(SECRET) == ""
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    clients.secrets.put_resource_policy(SecretId=SECRET, ResourcePolicy=policy)
    assert json.loads(secrets.policy_of(SECRET))["Statement"] == []


def test_a_version_is_put_once(secrets: SecretsManager) -> None:
    version = str(uuid.uuid4())
    secrets.put_loan(SECRET, version, LENT)
    secrets.put_loan(SECRET, version, LENT)
    with pytest.raises(OtherValueError):
        secrets.put_loan(SECRET, version, ManagedSecret(user_name="alice"))


def test_a_missing_secret_differs_from_one_that_is_being_deleted(
    secrets: SecretsManager, clients: Clients
) -> None:
    assert not secrets.describe_secret(SECRET).is_being_deleted
    clients.secrets.delete_secret(SecretId=SECRET)
    assert secrets.describe_secret(SECRET).is_being_deleted
    with pytest.raises(SecretGoneError):
        secrets.describe_secret("access-keys/nobody")
