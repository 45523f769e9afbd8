"""The `sync_keys` function."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.iam import IamReader
from lambdas.enrolment.adapters.enrolment_queue import SqsEnrolmentQueue
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import SyncSettings
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.ledger.adapters.sync_progress import DynamoSyncProgress
from lambdas.ledger.sync import LedgerSync
from lambdas.rotation.adapters.rotation_table import DynamoRotations

WORKERS = 8  # IAM answers some ten requests a second, each within a fraction of one


@cache
def sync_function() -> LedgerSync:
    settings = SyncSettings.from_env(os.environ)
    clients = Clients()
    # boto3 cannot create clients in several threads at once, so both exist before there are threads.
    client, _sqs = clients.patient_iam, clients.sqs
    iam = IamReader(lambda: client)
    return LedgerSync(
        iam=iam,
        inventory=iam,
        ledger=DynamoLedger(clients, settings.ledger_table_name),
        progress=DynamoSyncProgress(
            clients,
            settings.lease_table_name,
            interval_seconds=settings.sync_interval_seconds,
            clock=now,
        ),
        enrolments=SqsEnrolmentQueue(clients, settings.enrolment_queue_url),
        users_by_secret=DynamoRotations(clients, settings.ledger_table_name).users_by_secret,
        workers=ThreadPoolExecutor(WORKERS),
        clock=now,
    )
