"""The `fail_over` function."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache

from lambdas.adapters.clients import Clients
from lambdas.adapters.identity import BotoIdentity
from lambdas.adapters.ledger_table import DynamoLedger
from lambdas.adapters.rotation_table import DynamoRotations
from lambdas.adapters.secrets import BotoSecrets
from lambdas.adapters.simulated_readers import SimulatedReaders
from lambdas.adapters.switches import SsmSwitches
from lambdas.adapters.user_keys import BotoUserKeys
from lambdas.failing_over import FailingOver
from lambdas.guarding import Guard
from lambdas.lending import Lender
from lambdas.moving import Mover
from lambdas.settings import FailOverSettings


@cache
def failing_over() -> FailingOver:
    """As remediate_function."""
    settings = FailOverSettings.from_env(os.environ)
    clients = Clients()
    keys = BotoUserKeys(lambda: clients.iam, lambda: clients.iam_once)
    guard = Guard(
        keys=keys,
        switches=SsmSwitches(lambda: clients.ssm, settings.kill_switch_parameter),
        prefix=settings.secret_prefix,
    )
    mover = Mover(
        secrets=BotoSecrets(lambda: clients.secrets),
        keys=keys,
        rotations=DynamoRotations(lambda: clients.dynamodb, settings.ledger_table_name),
        identity=BotoIdentity(clients.sts_with),
        grace=timedelta(seconds=settings.grace_seconds),
        clock=lambda: datetime.now(UTC),
    )
    ledger = DynamoLedger(lambda: clients.dynamodb, settings.ledger_table_name)
    readers = SimulatedReaders(
        lambda: clients.iam,
        lambda: clients.secrets,
        users_arn=f"arn:{settings.partition}:iam::{settings.account}:user",
    )
    lender = Lender(
        mover=mover, guard=guard, readers=readers, backups=settings.backup_users, remember=ledger.user
    )
    return FailingOver(mover=mover, lender=lender, guard=guard)
