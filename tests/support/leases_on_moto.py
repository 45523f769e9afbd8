"""The lease table on moto."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


def create_lease_table(clients: Clients) -> None:
    clients.dynamodb.create_table(
        TableName="Leases",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
    )
