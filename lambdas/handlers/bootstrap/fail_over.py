"""The `fail_over` function."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import FailOverSettings
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter
from lambdas.rotation.adapters.key_identity import StsKeyIdentity
from lambdas.rotation.adapters.notification_queue import SqsNotificationQueue
from lambdas.rotation.adapters.policy_simulator import IamPolicySimulator
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.fail_over import KeyFailOver
from lambdas.rotation.fail_over_notifications import FailOverNotifications
from lambdas.rotation.key_lending import BackupKeyLender
from lambdas.rotation.preconditions import Preconditions
from lambdas.rotation.promoter import Promoter


@dataclass(kw_only=True, eq=False, repr=False)
class FailOverFunction:
    fail_over: KeyFailOver
    notifications: FailOverNotifications


@cache
def fail_over_function() -> FailOverFunction:
    settings = FailOverSettings.from_env(os.environ)
    clients = Clients()
    keys = IamKeyWriter(clients)
    preconditions = Preconditions(
        keys=keys,
        switches=SsmSwitches(clients, settings.kill_switch_parameter),
        prefix=settings.secret_prefix,
        key_arns=(settings.managed_secret_key_arn, *settings.adopted_key_arns),
    )
    promoter = Promoter(
        secrets=SecretsManager(clients),
        keys=keys,
        rotations=DynamoRotations(clients, settings.ledger_table_name),
        identity=StsKeyIdentity(clients.sts_with),
        grace=timedelta(seconds=settings.grace_seconds),
        clock=now,
    )
    ledger = DynamoLedger(clients, settings.ledger_table_name)
    lender = BackupKeyLender(
        promoter=promoter,
        preconditions=preconditions,
        may_read=IamPolicySimulator(clients, users_arn=settings.users_arn, clock=now).may_read,
        backups=settings.backup_users,
        ledger_user=ledger.user,
    )
    return FailOverFunction(
        fail_over=KeyFailOver(promoter=promoter, lender=lender, preconditions=preconditions),
        notifications=FailOverNotifications(
            rotations=promoter.rotations,
            notifications=SqsNotificationQueue(clients, settings.signal_queue_url),
            clock=now,
        ),
    )
