"""What `rotate_key` and `retire_keys` share: whether and how a key is created, and what CloudTrail knows."""

from __future__ import annotations

import os
from datetime import timedelta

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.cloudtrail_history import CloudTrailHistory
from lambdas.aws.domain.deployment import iam_home_region
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import RotateSettings
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter
from lambdas.rotation.adapters.notification_queue import SqsNotificationQueue
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.deletion_evidence import DeletionEvidenceReader
from lambdas.rotation.key_attribution import RecordedKeyAttribution
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.preconditions import Preconditions


def preconditions_of(settings: RotateSettings, clients: Clients, key_creator: KeyCreator) -> Preconditions:
    return Preconditions(
        keys=key_creator.keys,
        switches=SsmSwitches(clients, settings.kill_switch_parameter),
        prefix=settings.secret_prefix,
        key_arns=(settings.managed_secret_key_arn, *settings.adopted_key_arns),
    )


def key_creator_of(
    settings: RotateSettings, clients: Clients, automations: tuple[str, ...] = ()
) -> KeyCreator:
    secrets, rotations = SecretsManager(clients), DynamoRotations(clients, settings.ledger_table_name)
    evidence = DeletionEvidenceReader(
        secrets=secrets,
        rotations=rotations,
        attribution=RecordedKeyAttribution(
            trail=trail_of(settings, clients),
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


def trail_of(settings: RotateSettings, clients: Clients) -> CloudTrailHistory:
    return CloudTrailHistory(
        clients.trail, iam_region=iam_home_region(settings.partition), region=os.environ["AWS_REGION"]
    )
