"""The `enrol_users` function."""

from __future__ import annotations

import os
from functools import cache

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dead_letter_queue import SqsDeadLetterQueue
from lambdas.aws.sqs_batch import QueueWorker
from lambdas.enrolment.adapters.delayed_claims import DelayedClaims
from lambdas.enrolment.adapters.enrolment_queue import SqsEnrolmentQueue
from lambdas.enrolment.adapters.functions import LambdaFunctions
from lambdas.enrolment.adapters.secret_reservations import DynamoSecretReservations
from lambdas.enrolment.domain.claims import EnrolmentSettings
from lambdas.enrolment.enroller import Enroller
from lambdas.enrolment.enrolment_batch import enrolment_worker
from lambdas.enrolment.former_secrets import FormerSecrets
from lambdas.enrolment.secret_provisioner import SecretProvisioner
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import EnrolSettings
from lambdas.handlers.bootstrap.reporting import report_claim
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter
from lambdas.rotation.adapters.notification_queue import SqsNotificationQueue
from lambdas.rotation.adapters.rotation_budget import DynamoRotationBudget, HourlyLimits
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.adapters.ssm_switches import SsmSwitches


@cache
def enrol_function() -> QueueWorker:
    settings = EnrolSettings.from_env(os.environ)
    clients = Clients()
    dead_letters = SqsDeadLetterQueue(clients, settings.dead_letter_queue_url)
    return enrolment_worker(_enroller(settings, clients).process, report_claim, dead_letters)


def _enroller(settings: EnrolSettings, clients: Clients) -> Enroller:
    enrolment = EnrolmentSettings(
        prefix=settings.secret_prefix,
        function=settings.rotation_function_arn,
        schedule_days=settings.schedule_days,
        users_read=settings.users_read_own_secret,
        key_arn=settings.managed_secret_key_arn,
        other_key_arns=settings.adopted_key_arns,
        tags=settings.new_secret_tags,
        users_arn=settings.users_arn,
    )
    secrets = SecretsManager(clients)
    provisioner = SecretProvisioner(secrets=secrets, settings=enrolment)
    rotations = DynamoRotations(clients, settings.ledger_table_name)
    return Enroller(
        users=IamKeyWriter(clients),
        secrets=secrets,
        has_function=LambdaFunctions(clients).has_function,
        reservations=DynamoSecretReservations(clients, settings.ledger_table_name, clock=now),
        provisioner=provisioner,
        former_secrets=FormerSecrets(
            secrets=secrets, provisioner=provisioner, rotations=rotations, settings=enrolment, clock=now
        ),
        rotations=rotations,
        # No caching: a mode change is what triggers this function.
        switches=SsmSwitches(
            clients, settings.kill_switch_parameter, mode=settings.mode_parameter, seconds=0
        ),
        notifications=SqsNotificationQueue(clients, settings.signal_queue_url),
        budget=DynamoRotationBudget(
            clients,
            settings.lease_table_name,
            limits=HourlyLimits(
                account=settings.hourly_budget, user=settings.user_hourly_budget
            ).for_first_keys,
            clock=now,
        ),
        process_later=DelayedClaims(
            clients,
            settings.lease_table_name,
            send=SqsEnrolmentQueue(clients, settings.enrolment_queue_url).send_delayed,
            clock=now,
        ).process_later,
        settings=enrolment,
        clock=now,
    )
