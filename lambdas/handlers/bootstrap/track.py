"""The `track_keys` function."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dead_letter_queue import SqsDeadLetterQueue
from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.sqs_batch import QueueWorker
from lambdas.enrolment.adapters.enrolment_queue import SqsEnrolmentQueue
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import TrackSettings
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.ledger.adapters.signal_queue import SqsSignalQueue
from lambdas.ledger.iam_event_batch import iam_event_worker
from lambdas.ledger.tracker import Tracker
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.own_act_check import OwnActCheck


@cache
def track_function() -> QueueWorker:
    settings = TrackSettings.from_env(os.environ)
    clients = Clients()
    tracker = Tracker(
        ledger=DynamoLedger(clients, settings.ledger_table_name),
        iam=IamReader(lambda: clients.iam),
        signals=SqsSignalQueue(
            clients,
            settings.signal_queue_url,
            account=settings.account,
            deletion_grace_seconds=settings.deletion_grace_seconds,
        ),
        enrolments=SqsEnrolmentQueue(clients, settings.enrolment_queue_url),
        window=timedelta(seconds=settings.prediction_window_seconds),
        clock=now,
        own_roles=(settings.rotation_role_name, settings.retirement_role_name),
        explains=OwnActCheck(rotations=DynamoRotations(clients, settings.ledger_table_name)).explains,
    )
    dead_letters = SqsDeadLetterQueue(clients, settings.dead_letter_queue_url)
    return iam_event_worker(tracker.track, tracker.track_exposure, dead_letters)
