"""The ledger's table on moto, with the same indexes as in the stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, OWNER_INDEX, TAIL_INDEX
from lambdas.ledger.adapters.ledger_table import DynamoLedger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import GlobalSecondaryIndexTypeDef, KeySchemaElementTypeDef

    from lambdas.aws.adapters.clients import Clients

TABLE = "Ledger"


@dataclass
class LedgerOnMoto:
    """`calls` are the requests to DynamoDB since the table was created."""

    clients: Clients
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("accessKeyId", "ownerName", "ownerEnd", "tail", "middle")
            ],
            KeySchema=_key("accessKeyId"),
            GlobalSecondaryIndexes=[
                _index_by_owner(OWNER_INDEX, "accessKeyId"),
                _index_by_owner(OWNER_END_INDEX, "ownerEnd"),
                _index(TAIL_INDEX, "tail"),
                _index(MIDDLE_INDEX, "middle"),
            ],
        )
        self.clients.dynamodb.meta.events.register(
            "before-call.dynamodb", lambda model, **_: self.calls.append(model.name)
        )

    @property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self.clients, TABLE)

    def item(self, identifier: str) -> dict[str, Any]:
        answer = self.clients.dynamodb.get_item(TableName=TABLE, Key={"accessKeyId": {"S": identifier}})
        return dict(answer["Item"])


def _key(attribute: str) -> list[KeySchemaElementTypeDef]:
    return [{"AttributeName": attribute, "KeyType": "HASH"}]


def _index_by_owner(name: str, sorted_by: str) -> GlobalSecondaryIndexTypeDef:
    return {
        "IndexName": name,
        "KeySchema": [*_key("ownerName"), {"AttributeName": sorted_by, "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }


def _index(name: str, attribute: str) -> GlobalSecondaryIndexTypeDef:
    return {
        "IndexName": name,
        "KeySchema": _key(attribute),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["ownerName"]},
    }
