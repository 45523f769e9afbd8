"""The `rotate_key` and `retire_keys` functions."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.cloudtrail_history import CloudTrailHistory
from lambdas.aws.domain.deployment import iam_home_region
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import RetireSettings, RotateSettings
from lambdas.handlers.bootstrap.reporting import report_failed_steps
from lambdas.incidents.adapters.key_incidents import DynamoKeyIncidents
from lambdas.retirement.adapters.retirement_cursor import DynamoRetirementCursor
from lambdas.retirement.deleted_secrets import DeletedSecrets
from lambdas.retirement.domain.retirement import RetirementPolicy
from lambdas.retirement.known_callers import KnownCallers
from lambdas.retirement.retirement_notifications import RetirementNotifications
from lambdas.retirement.retirement_run import RetirementRun
from lambdas.retirement.retirer import Retirer
from lambdas.retirement.rotation_repair import RotationRepair
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter
from lambdas.rotation.adapters.key_identity import StsKeyIdentity
from lambdas.rotation.adapters.notification_queue import SqsNotificationQueue
from lambdas.rotation.adapters.policy_simulator import IamPolicySimulator
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.key_attribution import RecordedKeyAttribution
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.rotation_notifications import RotationNotifications
from lambdas.rotation.rotation_step import RotationStep
from lambdas.rotation.rotator import Rotator


@cache
def rotate_function() -> RotationStep:
    settings = RotateSettings.from_env(os.environ)
    clients = Clients()
    key_creator = _key_creator(settings, clients)
    notifications = RotationNotifications(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=key_creator.rotations,
        notifications=key_creator.notifications,
        clock=now,
    )
    return RotationStep(
        rotator=_rotator(settings, clients, key_creator),
        notifications=notifications,
        count_faults=report_failed_steps,
    )


def _rotator(settings: RotateSettings, clients: Clients, key_creator: KeyCreator) -> Rotator:
    simulator = IamPolicySimulator(clients, users_arn=settings.users_arn, clock=now)
    return Rotator(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=key_creator.rotations,
        identity=StsKeyIdentity(clients.sts_with),
        preconditions=_preconditions(settings, clients, key_creator),
        key_creator=key_creator,
        may_session_read=simulator.may_session_read,
        grace=timedelta(seconds=settings.grace_seconds),
        clock=now,
        sleep=time.sleep,
    )


def _preconditions(settings: RotateSettings, clients: Clients, key_creator: KeyCreator) -> Preconditions:
    return Preconditions(
        keys=key_creator.keys,
        switches=SsmSwitches(clients, settings.kill_switch_parameter),
        prefix=settings.secret_prefix,
        key_arns=(settings.managed_secret_key_arn, *settings.adopted_key_arns),
    )


@cache
def retire_function() -> RetirementRun:
    settings = RetireSettings.from_env(os.environ)
    clients = Clients()
    key_creator = _key_creator(settings, clients, settings.automations)
    preconditions = _preconditions(settings, clients, key_creator)
    rotations = DynamoRotations(clients, settings.ledger_table_name)
    policy = RetirementPolicy(
        grace=timedelta(seconds=settings.grace_seconds),
        quiet=timedelta(seconds=settings.quiet_seconds),
        until_deletion=timedelta(seconds=settings.deletion_seconds),
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
    trail = _trail(settings, clients)
    known_callers = KnownCallers(trail=trail, failed_callers=incidents.callers_of)
    retirer = Retirer(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=rotations,
        attribution=key_creator.evidence.attribution,
        preconditions=preconditions,
        repair=repair,
        evidence=key_creator.evidence,
        policy=policy,
        has_failed_calls=incidents.has_failed_since,
        known_caller_failed=known_callers.have_failed,
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


def _key_creator(settings: RotateSettings, clients: Clients, automations: tuple[str, ...] = ()) -> KeyCreator:
    secrets, rotations = SecretsManager(clients), DynamoRotations(clients, settings.ledger_table_name)
    evidence = DeletionEvidenceReader(
        secrets=secrets,
        rotations=rotations,
        attribution=RecordedKeyAttribution(
            trail=_trail(settings, clients),
            rotation_role=settings.rotation_role_name,
            retirement_role=settings.retirement_role_name,
            automations=automations,
        ),
        unused_for=timedelta(seconds=settings.unused_key_seconds),
        clock=now,
    )
    return KeyCreator(
        secrets=secrets,
        keys=IamKeyWriter(clients),
        rotations=rotations,
        evidence=evidence,
        notifications=SqsNotificationQueue(clients, settings.signal_queue_url),
        clock=now,
    )


def _trail(settings: RotateSettings, clients: Clients) -> CloudTrailHistory:
    return CloudTrailHistory(
        clients.trail, iam_region=iam_home_region(settings.partition), region=os.environ["AWS_REGION"]
    )
