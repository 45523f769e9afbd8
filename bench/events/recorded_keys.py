"""Records the events of a key in the ledger, from CloudTrail records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from bench.moto.tables import LEDGER
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.domain.iam_events import USER_EVENTS
from lambdas.aws.iam_event_parser import iam_event
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.ledger.domain.iam_event_entries import key_entry, user_entry
from lambdas.ledger.domain.observation import Observed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.moto.history import KeyEvent


def record_events(events: Iterable[KeyEvent]) -> None:
    """Uses a session of its own, so that the function under test starts without cached clients."""
    clients = Clients()
    clients.dynamodb = boto3.Session().client("dynamodb")
    ledger = DynamoLedger(clients, LEDGER)
    for event in events:
        recorded = iam_event(event.as_record())
        if recorded is None:
            raise ValueError(f"{event.name} does not change the ledger")
        if recorded.event_name in USER_EVENTS:
            ledger.merge_user(user_entry(recorded))
        else:
            ledger.merge_key(
                key_entry(recorded, Observed(value=recorded.user_name, at=recorded.at, by=recorded.by))
            )
