from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.incidents.adapters.incident_table import DUE_INDEX
from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, OWNER_INDEX, TAIL_INDEX
from tests.infra.synthesis import arn, named, of_type, ref

if TYPE_CHECKING:
    from collections.abc import ItemsView

    from tests.infra.synthesis import Json


def attribute_types(table: Json) -> ItemsView[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}.items()


def test_the_key_is_customer_managed_rotated_and_retained(template: Json) -> None:
    key_id, key = named(template, "AWS::KMS::Key", "Key")
    assert key["EnableKeyRotation"] is True
    assert template["Resources"][key_id]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_incidents_are_kept_by_key_and_opening_time_until_they_expire(template: Json) -> None:
    _, table = named(template, "AWS::DynamoDB::Table", "Incidents")
    assert table["KeySchema"] == [
        {"AttributeName": "accessKeyId", "KeyType": "HASH"},
        {"AttributeName": "openedAt", "KeyType": "RANGE"},
    ]
    assert attribute_types(table) >= {"accessKeyId": "S", "openedAt": "S"}.items()
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_incidents_that_wait_for_something_are_found_by_when_it_is_due(template: Json) -> None:
    _, table = named(template, "AWS::DynamoDB::Table", "Incidents")
    assert table["GlobalSecondaryIndexes"] == [
        {
            "IndexName": DUE_INDEX,
            "KeySchema": [
                {"AttributeName": "timer", "KeyType": "HASH"},
                {"AttributeName": "dueAt", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ]
    assert attribute_types(table) >= {"timer": "S", "dueAt": "N"}.items()


def test_the_ledger_is_keyed_by_access_key_and_entries_never_expire(template: Json) -> None:
    _, table = named(template, "AWS::DynamoDB::Table", "Ledger")
    assert table["KeySchema"] == [{"AttributeName": "accessKeyId", "KeyType": "HASH"}]
    assert "TimeToLiveSpecification" not in table
    names = ("accessKeyId", "ownerName", "ownerEnd", "tail", "middle")
    assert attribute_types(table) == dict.fromkeys(names, "S").items()


def test_the_ledger_has_indexes_by_owner_and_for_near_misses(template: Json) -> None:
    _, table = named(template, "AWS::DynamoDB::Table", "Ledger")
    owner_only = {"NonKeyAttributes": ["ownerName"], "ProjectionType": "INCLUDE"}
    assert table["GlobalSecondaryIndexes"] == [
        {
            "IndexName": OWNER_INDEX,
            "KeySchema": [
                {"AttributeName": "ownerName", "KeyType": "HASH"},
                {"AttributeName": "accessKeyId", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": OWNER_END_INDEX,
            "KeySchema": [
                {"AttributeName": "ownerName", "KeyType": "HASH"},
                {"AttributeName": "ownerEnd", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": TAIL_INDEX,
            "KeySchema": [{"AttributeName": "tail", "KeyType": "HASH"}],
            "Projection": owner_only,
        },
        {
            "IndexName": MIDDLE_INDEX,
            "KeySchema": [{"AttributeName": "middle", "KeyType": "HASH"}],
            "Projection": owner_only,
        },
    ]


def test_exemptions_are_kept_by_their_name_until_they_were_over_for_long(template: Json) -> None:
    table_id, table = named(template, "AWS::DynamoDB::Table", "Exemptions")
    assert table["KeySchema"] == [{"AttributeName": "exemption", "KeyType": "HASH"}]
    assert attribute_types(table) == {"exemption": "S"}.items()
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
    assert template["Outputs"]["ExemptionTableName"]["Value"] == ref(table_id)


@pytest.mark.parametrize("name", ["Incidents", "Ledger", "Exemptions"])
def test_a_security_record_can_be_recovered_and_is_retained(template: Json, name: str) -> None:
    table_id, table = named(template, "AWS::DynamoDB::Table", name)
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert template["Resources"][table_id]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert template["Resources"][table_id]["UpdateReplacePolicy"] == "Retain"


def test_leases_are_deleted_with_the_stack(template: Json) -> None:
    table_id, table = named(template, "AWS::DynamoDB::Table", "Leases")
    assert table["KeySchema"] == [{"AttributeName": "name", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
    assert template["Resources"][table_id]["DeletionPolicy"] == "Delete"


def test_every_table_is_on_demand_and_encrypted_with_our_key(template: Json) -> None:
    key_id, _ = named(template, "AWS::KMS::Key", "Key")
    for table in of_type(template, "AWS::DynamoDB::Table").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": arn(key_id),
        }
