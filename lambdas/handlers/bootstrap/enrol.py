"""The `enrol_users` function."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.dead_letter_queue import BotoDeadLetters
from lambdas.enrolment.adapters.claimed_secrets import BotoClaimedSecrets
from lambdas.enrolment.adapters.enrolment_queue import BotoEnrolmentQueue
from lambdas.enrolment.domain.claims import ClaimTerms
from lambdas.enrolment.enroller import Enroller
from lambdas.enrolment.enrolment_batch import EnrolmentBatch
from lambdas.rotation.adapters.iam_key_writer import BotoUserKeys
from lambdas.rotation.adapters.notification_queue import BotoNotices
from lambdas.rotation.adapters.rotation_budget import BudgetItem
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.settings import EnrolSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.ports import DeadLetters


@dataclass(frozen=True, kw_only=True)
class EnrolFunction:
    enroller: Enroller
    dead_letters: DeadLetters

    def new_batch(self, seconds_left: Callable[[], float]) -> EnrolmentBatch:
        return EnrolmentBatch(self.enroller.look_at, self.dead_letters, seconds_left)


@cache
def enrol_function() -> EnrolFunction:
    """As remediate_function."""
    settings = EnrolSettings.from_env(os.environ)
    clients = Clients()
    dead_letters = BotoDeadLetters(lambda: clients.sqs, settings.dead_letter_queue_url)
    return EnrolFunction(enroller=_enroller(settings, clients), dead_letters=dead_letters)


def _enroller(settings: EnrolSettings, clients: Clients) -> Enroller:
    terms = ClaimTerms(
        prefix=settings.secret_prefix,
        function=settings.rotation_function_arn,
        schedule_days=settings.schedule_days,
        users_read=settings.users_read_own_secret,
    )
    return Enroller(
        users=BotoUserKeys(lambda: clients.iam, lambda: clients.iam_once),
        secrets=BotoClaimedSecrets(
            lambda: clients.secrets,
            key_arn=settings.managed_secret_key_arn,
            users_arn=f"arn:{settings.partition}:iam::{settings.account}:user",
            terms=terms,
        ),
        rotations=DynamoRotations(lambda: clients.dynamodb, settings.ledger_table_name),
        # Asked each time: a mode that was just turned is why users are looked at.
        switches=SsmSwitches(
            lambda: clients.ssm, settings.kill_switch_parameter, mode=settings.mode_parameter, seconds=0
        ),
        notices=BotoNotices(lambda: clients.sqs, settings.signal_queue_url),
        budget=BudgetItem(
            lambda: clients.dynamodb,
            settings.lease_table_name,
            hourly=settings.hourly_budget,
            clock=lambda: datetime.now(UTC),
        ),
        later=BotoEnrolmentQueue(lambda: clients.sqs, settings.enrolment_queue_url),
        terms=terms,
        clock=lambda: datetime.now(UTC),
    )
