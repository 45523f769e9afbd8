"""The `remediate` and `alert_timer` functions, which both evaluate incidents and send alerts."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from lambdas.alerting.adapters.alert_turns import DynamoAlertTurns
from lambdas.alerting.adapters.delivery_records import DynamoDeliveryRecords
from lambdas.alerting.adapters.incident_bus import EventBridgeIncidentBus
from lambdas.alerting.adapters.sns_topics import NoChatTopic, SnsAlertTopic, SnsChatTopic
from lambdas.alerting.delivery import Delivery
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.cloudtrail_history import CloudTrailHistory
from lambdas.aws.adapters.dead_letter_queue import SqsDeadLetterQueue
from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.adapters.probe_key import IamProbeKey
from lambdas.aws.adapters.sts_accounts import StsAccounts
from lambdas.aws.ports import DeadLetterQueue, Iam, TrailHistory
from lambdas.decisions.adapters.exemption_table import DynamoExemptions
from lambdas.decisions.exemption_filter import ExemptionFilter
from lambdas.diagnosis.evidence_gatherer import EvidenceGatherer
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.deployment import deployment_of
from lambdas.handlers.bootstrap.function_settings import RemediateSettings
from lambdas.handlers.bootstrap.reporting import (
    report_failed_delivery,
    report_failed_update,
    report_unreadable_exemptions,
)
from lambdas.incidents.adapters.incident_table import DynamoIncidents
from lambdas.incidents.adapters.key_incidents import DynamoKeyIncidents
from lambdas.incidents.adapters.owner_alert_counts import DynamoOwnerAlerts
from lambdas.incidents.adapters.unknown_id_counts import DynamoUnknownIds
from lambdas.incidents.domain.update_policy import UpdatePolicy
from lambdas.ledger.adapters.ledger_table import DynamoLedger
from lambdas.remediation.executor import DecisionExecutor
from lambdas.remediation.exemption_reports import ExemptionReports
from lambdas.remediation.notification_dispatcher import NotificationDispatcher
from lambdas.remediation.pipeline import Remediator
from lambdas.remediation.signal_batch import SignalBatch
from lambdas.remediation.unknown_id_intake import LookUpRate, UnknownIdIntake
from lambdas.rotation.adapters.fail_over_client import LambdaFailOver
from lambdas.rotation.adapters.rotation_budget import DynamoRotationBudget, HourlyLimits
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.backup_users import BackupUsers
from lambdas.rotation.context_reader import RotationContextReader
from lambdas.rotation.deactivation_check import DeactivationCheck
from lambdas.rotation.domain.modes import Mode


@dataclass(kw_only=True, eq=False, repr=False)
class RemediateFunction:
    remediator: Remediator
    dispatcher: NotificationDispatcher
    dead_letters: DeadLetterQueue
    exemption_reports: ExemptionReports
    intake: UnknownIdIntake

    def new_batch(self, seconds_left: Callable[[], float]) -> SignalBatch:
        return SignalBatch(
            self.remediator.remediate,
            self.dispatcher.send,
            self.dead_letters,
            seconds_left,
            intake=self.intake,
        )


@cache
def remediate_function() -> RemediateFunction:
    settings = RemediateSettings.from_env(os.environ)
    deployment = deployment_of(settings)
    clients = Clients()
    exemptions = DynamoExemptions(clients, settings.exemption_table_name, clock=now)
    remediator = Remediator(
        deployment=deployment,
        deployment_mode=Mode(settings.deployed_mode),
        gatherer=_evidence_gatherer(settings, clients, deployment.iam_region),
        incidents=_incidents(settings, clients),
        delivery=_delivery(settings, clients),
        executor=_executor(settings, clients),
        exemption_filter=ExemptionFilter(
            exemptions=exemptions, clock=now, report_failure=report_unreadable_exemptions
        ),
        unknown_ids=DynamoUnknownIds(clients, settings.lease_table_name, account=settings.account, clock=now),
        owner_alerts=DynamoOwnerAlerts(clients, settings.lease_table_name, clock=now),
        update_policy=_update_policy(settings),
        clock=now,
        report_failure=report_failed_update,
        trusts_all_actors=settings.rotate_whatever_switched_off,
    )
    dead_letters = SqsDeadLetterQueue(clients, settings.dead_letter_queue_url)
    dispatcher = _dispatcher(settings, clients, remediator)
    return RemediateFunction(
        remediator=remediator,
        dispatcher=dispatcher,
        dead_letters=dead_letters,
        intake=UnknownIdIntake(
            ledger=remediator.gatherer.ledger,
            incidents=remediator.incidents,
            counts=remediator.unknown_ids,
            account=settings.account,
            keys=remediator.gatherer.iam,
            look_ups=LookUpRate(clock=now),
        ),
        exemption_reports=ExemptionReports(
            exemptions=exemptions, delivery=remediator.delivery, deployment=deployment, clock=now
        ),
    )


def _delivery(settings: RemediateSettings, clients: Clients) -> Delivery:
    chat = SnsChatTopic(clients, settings.chat_topic_arn) if settings.chat_topic_arn else None
    turns = DynamoAlertTurns(clients, settings.lease_table_name, clock=now, sleep=time.sleep)
    return Delivery(
        topic=SnsAlertTopic(clients, settings.alert_topic_arn),
        chat=chat or NoChatTopic(),
        bus=EventBridgeIncidentBus(clients, settings.incident_bus_name),
        records=DynamoDeliveryRecords(clients, settings.lease_table_name, clock=now),
        wait_for_turn=turns.wait,
        report_failure=report_failed_delivery,
    )


def _dispatcher(
    settings: RemediateSettings, clients: Clients, remediator: Remediator
) -> NotificationDispatcher:
    return NotificationDispatcher(
        delivery=remediator.delivery,
        incidents=DynamoKeyIncidents(clients, settings.incident_table_name),
        ledger=DynamoLedger(clients, settings.ledger_table_name),
        rotations=DynamoRotations(clients, settings.ledger_table_name),
        deployment=remediator.deployment,
        region=remediator.deployment.region,
        clock=now,
    )


def _executor(settings: RemediateSettings, clients: Clients) -> DecisionExecutor:
    return DecisionExecutor(
        starter=SecretsManager(clients),
        fail_over=LambdaFailOver(clients, settings.fail_over_function_name),
        rotations=DynamoRotations(clients, settings.ledger_table_name),
        budget=_budget(settings, clients),
        keys=IamReader(lambda: clients.iam),
        ledger=DynamoLedger(clients, settings.ledger_table_name),
    )


def _evidence_gatherer(settings: RemediateSettings, clients: Clients, iam_region: str) -> EvidenceGatherer:
    iam = IamReader(lambda: clients.iam)
    trail = CloudTrailHistory(
        clients.trail, iam_region=iam_region, region=os.environ["AWS_REGION"], regions=settings.regions
    )
    return EvidenceGatherer(
        iam=iam,
        probe_key=IamProbeKey(iam, clients, settings.lease_table_name),
        trail=trail,
        accounts=StsAccounts(clients),
        ledger=DynamoLedger(clients, settings.ledger_table_name),
        rotation_contexts=_rotation_context_reader(settings, clients, iam, trail),
        account=settings.account,
        automations=settings.automations,
    )


def _rotation_context_reader(
    settings: RemediateSettings, clients: Clients, iam: Iam, trail: TrailHistory
) -> RotationContextReader:
    secrets = SecretsManager(clients)
    rotations = DynamoRotations(clients, settings.ledger_table_name)
    return RotationContextReader(
        secrets=secrets,
        rotations=rotations,
        switches=SsmSwitches(clients, settings.kill_switch_parameter, mode=settings.mode_parameter),
        budget=_budget(settings, clients),
        prefix=settings.secret_prefix,
        cooldown=timedelta(seconds=settings.cooldown_seconds),
        deactivations=DeactivationCheck(trail=trail, automations=settings.automations),
        backups=BackupUsers(
            iam=iam,
            secrets=secrets,
            rotations=rotations,
            pairs=settings.backup_users,
            prefix=settings.secret_prefix,
            function_name=settings.fail_over_function_name,
        ),
        deployed_mode=Mode(settings.deployed_mode),
        clock=now,
    )


def _budget(settings: RemediateSettings, clients: Clients) -> DynamoRotationBudget:
    return DynamoRotationBudget(
        clients,
        settings.lease_table_name,
        limits=HourlyLimits(account=settings.hourly_budget, user=settings.user_hourly_budget),
        clock=now,
    )


def _update_policy(settings: RemediateSettings) -> UpdatePolicy:
    return UpdatePolicy(
        count_thresholds=settings.alert_count_thresholds,
        update=timedelta(seconds=settings.alert_update_seconds),
        digest=timedelta(seconds=settings.alert_digest_seconds),
        recheck=timedelta(seconds=settings.unknown_key_recheck_seconds),
        check=timedelta(seconds=settings.new_key_check_seconds),
        quiet=timedelta(seconds=settings.incident_quiet_seconds),
        prediction_window=timedelta(seconds=settings.prediction_window_seconds),
    )


def _incidents(settings: RemediateSettings, clients: Clients) -> DynamoIncidents:
    return DynamoIncidents(
        clients,
        incident_table=settings.incident_table_name,
        lease_table=settings.lease_table_name,
        quiet=timedelta(seconds=settings.incident_quiet_seconds),
        prediction_window=timedelta(seconds=settings.prediction_window_seconds),
        retention=timedelta(seconds=settings.incident_retention_seconds),
        clock=now,
        worker=str(uuid.uuid4()),
    )
