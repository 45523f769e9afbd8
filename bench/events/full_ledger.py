"""Fills a ledger as after years of use: two keys for each owner, most of them deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3

from bench.moto.history import ACCOUNT
from bench.moto.tables import LEDGER
from lambdas.aws.adapters.dynamodb import to_attributes
from lambdas.aws.domain.iam import ACTIVE
from lambdas.ledger.adapters.ledger_items import key_item
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from local.emulator.key_ids import key_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

_ITEMS_OF_A_REQUEST = 25  # DynamoDB API reference, BatchWriteItem
_KEYS_OF_AN_OWNER = 2
_BY = "user/bob"


def fill_ledger(keys: int) -> None:
    dynamodb = boto3.client("dynamodb")
    puts = [_put(number) for number in range(keys)]
    for begin in range(0, keys, _ITEMS_OF_A_REQUEST):
        dynamodb.batch_write_item(RequestItems={LEDGER: puts[begin : begin + _ITEMS_OF_A_REQUEST]})


def _put(number: int) -> WriteRequestTypeDef:
    return {"PutRequest": {"Item": to_attributes(key_item(_old_key(number)) | {"version": 2})}}


def _old_key(number: int) -> KeyEntry:
    born = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400, minutes=number)
    return KeyEntry(
        access_key_id=key_id("AKIA", ACCOUNT),
        owner_name=Observed(value=f"former-{number // _KEYS_OF_AN_OWNER:05}", at=born, by=_BY),
        created_at=born,
        created_by=_BY,
        recorded_status=Observed(value=ACTIVE, at=born, by=_BY),
        deletion=recorded(born + timedelta(days=90), _BY),
    )
