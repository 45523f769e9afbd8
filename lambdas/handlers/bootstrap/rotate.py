"""The `rotate_key` and `retire_keys` functions."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.cloudtrail_history import BotoTrailHistory
from lambdas.aws.domain.deployment import iam_region_of
from lambdas.incidents.adapters.failed_calls import FailedCalls
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.retirement.adapters.retirement_cursor import RoundItem
from lambdas.retirement.deleted_secrets import Endings
from lambdas.retirement.retirement_notifications import RetirementNotices
from lambdas.retirement.retirer import Retirer
from lambdas.rotation.adapters.iam_key_writer import BotoUserKeys
from lambdas.rotation.adapters.key_identity import BotoIdentity
from lambdas.rotation.adapters.notification_queue import BotoNotices
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import BotoSecrets
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.domain.retirement_policy import Terms
from lambdas.rotation.key_attribution import RecordedCreators
from lambdas.rotation.key_creator import Maker
from lambdas.rotation.preconditions import Guard
from lambdas.rotation.rotation_notifications import RotationNotices
from lambdas.rotation.rotator import Rotator
from lambdas.settings import RetireSettings, RotateSettings

if TYPE_CHECKING:
    from lambdas.settings import RotationSettings


@dataclass(frozen=True, kw_only=True)
class RotateFunction:
    rotator: Rotator
    notices: RotationNotices


@dataclass(frozen=True, kw_only=True)
class RetireFunction:
    retirer: Retirer
    notices: RetirementNotices
    rotations: DynamoRotations
    round: RoundItem
    endings: Endings


@cache
def rotate_function() -> RotateFunction:
    """As remediate_function."""
    settings = RotateSettings.from_env(os.environ)
    clients = Clients()
    maker = _maker(settings, clients)
    notices = RotationNotices(
        secrets=maker.secrets,
        rotations=maker.rotations,
        notices=BotoNotices(lambda: clients.sqs, settings.signal_queue_url),
        clock=_now,
    )
    return RotateFunction(rotator=_rotator(settings, clients, maker), notices=notices)


def _rotator(settings: RotateSettings, clients: Clients, maker: Maker) -> Rotator:
    return Rotator(
        secrets=maker.secrets,
        keys=maker.keys,
        rotations=maker.rotations,
        identity=BotoIdentity(clients.sts_with),
        guard=_guard(settings, clients, maker),
        maker=maker,
        terms=_terms(settings),
        clock=_now,
        sleep=time.sleep,
    )


def _guard(settings: RotationSettings, clients: Clients, maker: Maker) -> Guard:
    return Guard(
        keys=maker.keys,
        switches=SsmSwitches(lambda: clients.ssm, settings.kill_switch_parameter),
        prefix=settings.secret_prefix,
    )


@cache
def retire_function() -> RetireFunction:
    """As remediate_function."""
    settings = RetireSettings.from_env(os.environ)
    clients = Clients()
    maker = _maker(settings, clients, settings.automations)
    guard = _guard(settings, clients, maker)
    rotations = DynamoRotations(lambda: clients.dynamodb, settings.ledger_table_name)
    terms = _terms(settings, reactivates=settings.reactivate_on_failure)
    failed_calls = FailedCalls(lambda: clients.dynamodb, settings.incident_table_name)
    retirer = Retirer(
        secrets=maker.secrets,
        keys=maker.keys,
        rotations=rotations,
        creators=maker.creators,
        guard=guard,
        maker=maker,
        terms=terms,
        fails=failed_calls.since,
        switches=guard.switches,
        clock=_now,
    )
    queue = BotoNotices(lambda: clients.sqs, settings.signal_queue_url)
    notices = RetirementNotices(
        trail=_trail(settings, clients),
        callers_of=failed_calls.callers_of,
        notices=queue,
        terms=terms,
        clock=_now,
    )
    return RetireFunction(
        retirer=retirer,
        notices=notices,
        rotations=rotations,
        round=RoundItem(lambda: clients.dynamodb, settings.lease_table_name),
        endings=Endings(rotations=rotations, keys=maker.keys, notices=queue, clock=_now),
    )


def _maker(settings: RotationSettings, clients: Clients, automations: tuple[str, ...] = ()) -> Maker:
    ledger = DynamoLedger(lambda: clients.dynamodb, settings.ledger_table_name)
    return Maker(
        secrets=BotoSecrets(lambda: clients.secrets),
        keys=BotoUserKeys(lambda: clients.iam, lambda: clients.iam_once),
        rotations=DynamoRotations(lambda: clients.dynamodb, settings.ledger_table_name),
        creators=RecordedCreators(
            ledger=ledger,
            trail=_trail(settings, clients),
            rotation_role=settings.rotation_role_name,
            retirement_role=settings.retirement_role_name,
            automations=automations,
        ),
        unused_for=timedelta(seconds=settings.unused_key_seconds),
        clock=_now,
    )


def _trail(settings: RotationSettings, clients: Clients) -> BotoTrailHistory:
    return BotoTrailHistory(
        clients.trail, iam_region=iam_region_of(settings.partition), region=os.environ["AWS_REGION"]
    )


def _terms(settings: RotationSettings, *, reactivates: bool = False) -> Terms:
    return Terms(
        grace=timedelta(seconds=settings.grace_seconds),
        quiet=timedelta(seconds=settings.quiet_seconds),
        until_deletion=timedelta(seconds=settings.deletion_seconds),
        reactivates=reactivates,
    )


def _now() -> datetime:
    return datetime.now(UTC)
