"""The budget of an hour's rotations, on DynamoDB's conditions."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.errors import PermanentError
from lambdas.rotation.adapters.rotation_budget import DynamoRotationBudget
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client("dynamodb", region_name="eu-central-1")
        made.create_table(
            TableName="Leases",
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield made


def budget(client: Any, *, hourly: int, hours_later: int = 0) -> DynamoRotationBudget:
    at = NOON + timedelta(hours=hours_later)
    clients: Any = SimpleNamespace(dynamodb=client)
    return DynamoRotationBudget(clients, "Leases", hourly=hourly, clock=lambda: at)


def test_the_same_rotation_counts_once_however_often_it_is_started(client: Any) -> None:
    of_two = budget(client, hourly=2)
    for _ in range(5):
        of_two.spend("one")
    assert not of_two.is_spent()
    of_two.spend("two")
    assert of_two.is_spent()
    of_two.spend("one")


def test_beyond_the_budget_nothing_is_started_until_the_next_hour(client: Any) -> None:
    budget(client, hourly=1).spend("one")
    with pytest.raises(PermanentError):
        budget(client, hourly=1).spend("two")
    assert not budget(client, hourly=1, hours_later=1).is_spent()
    budget(client, hourly=1, hours_later=1).spend("two")
