"""The `rotate_key` function."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from functools import cache, partial

from lambdas.aws.adapters.clients import Clients
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.function_settings import RotateSettings
from lambdas.handlers.bootstrap.key_creation import key_creator_of, preconditions_of
from lambdas.observability import FAILED_STEPS, count
from lambdas.rotation.adapters.key_identity import StsKeyIdentity
from lambdas.rotation.adapters.policy_simulator import IamPolicySimulator
from lambdas.rotation.key_creator import KeyCreator
from lambdas.rotation.new_key_promoter import NewKeyPromoter
from lambdas.rotation.rotation_notifications import RotationNotifications
from lambdas.rotation.rotation_step import RotationStep
from lambdas.rotation.rotator import Rotator


@cache
def rotate_function() -> RotationStep:
    settings = RotateSettings.from_env(os.environ)
    clients = Clients()
    key_creator = key_creator_of(settings, clients)
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
        count_faults=partial(count, FAILED_STEPS),
    )


def _rotator(settings: RotateSettings, clients: Clients, key_creator: KeyCreator) -> Rotator:
    identity = StsKeyIdentity(clients.sts_with)
    simulator = IamPolicySimulator(clients, users_arn=settings.users_arn, clock=now)
    return Rotator(
        secrets=key_creator.secrets,
        keys=key_creator.keys,
        rotations=key_creator.rotations,
        identity=identity,
        preconditions=preconditions_of(settings, clients, key_creator),
        key_creator=key_creator,
        new_key_promoter=NewKeyPromoter(
            secrets=key_creator.secrets,
            keys=key_creator.keys,
            rotations=key_creator.rotations,
            identity=identity,
            grace=timedelta(seconds=settings.grace_seconds),
            clock=now,
            sleep=time.sleep,
        ),
        may_session_read=simulator.may_session_read,
        grace=timedelta(seconds=settings.grace_seconds),
        clock=now,
        sleep=time.sleep,
    )
