"""The `retire_keys` function."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import RetireSettings
from lambdas.handlers.bootstrap.key_creation import key_creator_of, preconditions_of, trail_of
from lambdas.incidents.adapters.key_incidents import DynamoKeyIncidents
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.retirement.adapters.retirement_cursor import DynamoRetirementCursor
from lambdas.retirement.deleted_secrets import DeletedSecrets
from lambdas.retirement.domain.retirement import RetirementPolicy
from lambdas.retirement.fact_reader import RetirementFactReader
from lambdas.retirement.known_callers import KnownCallers
from lambdas.retirement.known_pauses import KnownPauses
from lambdas.retirement.retirement_notifications import RetirementNotifications
from lambdas.retirement.retirement_run import RetirementRun
from lambdas.retirement.retirer import Retirer
from lambdas.retirement.rotation_repair import RotationRepair
from lambdas.rotation.adapters.notification_queue import SqsNotificationQueue
from lambdas.rotation.adapters.rotation_table import DynamoRotations


@cache
def retire_function() -> RetirementRun:
    settings = RetireSettings.from_env(os.environ)
    clients = Clients()
    key_creator = key_creator_of(settings, clients, settings.automations)
    preconditions = preconditions_of(settings, clients, key_creator)
    rotations = DynamoRotations(clients, settings.ledger_table_name)
    policy = RetirementPolicy(
        grace=timedelta(seconds=settings.grace_seconds),
        quiet=timedelta(seconds=settings.quiet_seconds),
        until_deletion=timedelta(seconds=settings.deletion_seconds),
        unused_for=timedelta(seconds=settings.unused_key_seconds),
        reactivates=settings.reactivate_on_failure,
    )
    repair = RotationRepair(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=rotations,
        evidence=key_creator.evidence,
        grace=policy.grace,
        clock=now,
    )
    incidents = DynamoKeyIncidents(clients, settings.incident_table_name)
    trail = trail_of(settings, clients)
    ledger = DynamoLedger(clients, settings.ledger_table_name)
    facts = RetirementFactReader(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        attribution=key_creator.evidence.attribution,
        preconditions=preconditions,
        has_failed_calls=incidents.has_failed_since,
        known_caller_failed=KnownCallers(trail=trail, failed_callers=incidents.callers_of).have_failed,
        known_pause=KnownPauses(ledger=ledger, trail=trail).longest_of,
        clock=now,
    )
    retirer = Retirer(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=rotations,
        preconditions=preconditions,
        repair=repair,
        evidence=key_creator.evidence,
        facts=facts,
        policy=policy,
        clock=now,
    )
    queue = SqsNotificationQueue(clients, settings.signal_queue_url)
    notifications = RetirementNotifications(
        trail=trail,
        failed_callers=incidents.callers_of,
        notifications=queue,
        policy=policy,
        clock=now,
    )
    deleted = DeletedSecrets(rotations=rotations, keys=key_creator.keys, notifications=queue, clock=now)
    return RetirementRun(
        all_names=rotations.all_names,
        cursor=DynamoRetirementCursor(clients, settings.lease_table_name),
        retire=retirer.process,
        notify=notifications.send,
        report_deleted=deleted.report,
    )
