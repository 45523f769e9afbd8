"""The budget of an hour's rotations, on DynamoDB's conditions."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.errors import PermanentError
from lambdas.rotation.adapters.rotation_budget import DynamoRotationBudget, HourlyLimits
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


def budget(client: Any, *, hourly: int, user: int = 100, hours_later: int = 0) -> DynamoRotationBudget:
    at = NOON + timedelta(hours=hours_later)
    clients: Any = SimpleNamespace(dynamodb=client)
    return DynamoRotationBudget(
        clients, "Leases", limits=HourlyLimits(account=hourly, user=user), clock=lambda: at
    )


def test_the_same_rotation_counts_once_however_often_it_is_started(client: Any) -> None:
    of_two = budget(client, hourly=2)
    for _ in range(5):
        of_two.spend("one", "AIDAALICE")
    assert not of_two.is_spent("AIDACAROL")
    of_two.spend("two", "AIDABOB")
    assert of_two.is_spent("AIDACAROL")
    of_two.spend("one", "AIDAALICE")


def test_beyond_the_budget_nothing_is_started_until_the_next_hour(client: Any) -> None:
    budget(client, hourly=1).spend("one", "AIDAALICE")
    with pytest.raises(PermanentError):
        budget(client, hourly=1).spend("two", "AIDABOB")
    assert not budget(client, hourly=1, hours_later=1).is_spent("AIDACAROL")
    budget(client, hourly=1, hours_later=1).spend("two", "AIDABOB")


def test_a_user_that_has_spent_its_own_budget_leaves_the_rest_to_others(client: Any) -> None:
    of_two_each = budget(client, hourly=3, user=2)
    for token in ("one", "two", "one"):
        of_two_each.spend(token, "AIDAALICE")
    assert of_two_each.is_spent("AIDAALICE")
    assert not of_two_each.is_spent("AIDABOB")
    with pytest.raises(PermanentError):
        of_two_each.spend("three", "AIDAALICE")
    of_two_each.spend("one", "AIDAALICE")  # delivered again
    of_two_each.spend("three", "AIDABOB")
    assert of_two_each.is_spent("AIDACAROL")


def test_ten_users_that_enrol_leave_half_of_the_hour_to_incidents(client: Any) -> None:
    clients: Any = SimpleNamespace(dynamodb=client)
    limits = HourlyLimits(account=5, user=2)
    first_keys, incidents = (
        DynamoRotationBudget(clients, "Leases", limits=some, clock=lambda: NOON)
        for some in (limits.for_first_keys, limits)
    )
    for number in range(3):
        first_keys.spend(f"first {number}", f"AIDA{number}")
    with pytest.raises(PermanentError):
        first_keys.spend("first 3", "AIDA3")
    assert first_keys.is_spent("AIDA3")
    for number in range(2):
        assert not incidents.is_spent(f"AIDA{number}")
        incidents.spend(f"incident {number}", f"AIDA{number}")
    assert incidents.is_spent("AIDA4")


def test_one_rotation_an_hour_may_be_a_first_one() -> None:
    assert HourlyLimits(account=1, user=1).for_first_keys == HourlyLimits(account=1, user=1)


def test_a_rotation_that_was_counted_is_known_within_its_hour(client: Any) -> None:
    budget(client, hourly=1).spend("one", "AIDAALICE")
    assert budget(client, hourly=1).was_spent_by("one")
    assert not budget(client, hourly=1).was_spent_by("two")
    assert not budget(client, hourly=1, hours_later=1).was_spent_by("one")
