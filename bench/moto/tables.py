"""The tables as in infra/storage/tables.py, without settings that no request depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, TAIL_INDEX

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import GlobalSecondaryIndexTypeDef, KeySchemaElementTypeDef

INCIDENTS, LEASES, LEDGER, EXEMPTIONS = "Incidents", "Leases", "Ledger", "Exemptions"
_TABLES = {
    INCIDENTS: ("accessKeyId", "openedAt"),
    LEASES: ("name",),
    LEDGER: ("accessKeyId",),
    EXEMPTIONS: ("exemption",),
}
_INDEXES = {
    LEDGER: {OWNER_END_INDEX: ("ownerName", "ownerEnd"), TAIL_INDEX: ("tail",), MIDDLE_INDEX: ("middle",)}
}


def create_tables() -> None:
    dynamodb = boto3.client("dynamodb")
    for name, keys in _TABLES.items():
        indexes = _INDEXES.get(name, {})
        attributes = sorted({*keys, *(key for index in indexes.values() for key in index)})
        given: dict[str, Any] = (
            {"GlobalSecondaryIndexes": [_index(*index) for index in indexes.items()]} if indexes else {}
        )
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in attributes],
            KeySchema=_schema(keys),
            **given,
        )


def _index(name: str, keys: tuple[str, ...]) -> GlobalSecondaryIndexTypeDef:
    return {"IndexName": name, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "ALL"}}


def _schema(keys: tuple[str, ...]) -> list[KeySchemaElementTypeDef]:
    return [{"AttributeName": key, "KeyType": "RANGE" if place else "HASH"} for place, key in enumerate(keys)]
