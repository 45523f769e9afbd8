"""The `sync_keys` function."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.iam import BotoKeys
from lambdas.aws.adapters.iam_inventory import BotoInventory
from lambdas.enrolment.adapters.enrolment_queue import BotoEnrolmentQueue
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.ledger.adapters.sync_progress import SyncItem
from lambdas.ledger.sync import Synchroniser
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.settings import SyncSettings

WORKERS = 8  # IAM answers some ten requests a second, each within a fraction of one


@cache
def synchroniser() -> Synchroniser:
    """As remediate_function."""
    settings = SyncSettings.from_env(os.environ)
    clients = Clients()
    # Before there are threads: boto3 cannot make clients in several at once.
    iam, sqs = clients.patient_iam, clients.sqs
    return Synchroniser(
        iam=BotoKeys(lambda: iam),
        inventory=BotoInventory(lambda: iam),
        ledger=DynamoLedger(lambda: clients.dynamodb, settings.ledger_table_name),
        progress=SyncItem(
            lambda: clients.dynamodb,
            settings.lease_table_name,
            interval_seconds=settings.sync_interval_seconds,
            clock=lambda: datetime.now(UTC),
        ),
        enrolments=BotoEnrolmentQueue(lambda: sqs, settings.enrolment_queue_url),
        rotations=DynamoRotations(lambda: clients.dynamodb, settings.ledger_table_name),
        workers=ThreadPoolExecutor(WORKERS),
        clock=lambda: datetime.now(UTC),
    )
