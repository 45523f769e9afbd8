"""Alarms for managed secrets: rotation steps fail, or replaced keys are not retired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import Stats

from infra.functions.schedule import HOUR
from infra.monitoring.alarms import own_metric
from lambdas.observability import FAILED_STEPS, SECRETS_LEFT

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function

    from infra.monitoring.alarms import Alarms
    from infra.resources import Functions


def watch_rotation(alarms: Alarms, functions: Functions) -> None:
    _watch_steps(alarms, functions)
    alarms.watch_throttles(functions.rotate_key, "RotateKey")
    _watch_retirement(alarms, functions.retire_keys)
    alarms.watch_function(
        functions.fail_over,
        "FailOver",
        "A managed secret may still contain a key that does not work. The alert for that key then shows the "
        "decision refuse.",
    )


def _watch_steps(alarms: Alarms, functions: Functions) -> None:
    """Watches a metric of its own, because a refusal is a function error too: that is how Secrets Manager
    learns of it, and the owner gets an alert. A crash, or a run that never started, is alerted from Secrets
    Manager's own record.
    """
    alarms.alarm_when_any(
        "FailedRotationSteps",
        own_metric(FAILED_STEPS),
        f"A rotation step failed in function {functions.rotate_key.function_name}: AWS did not respond, did "
        "not accept the new key in time, or the result could not be reported. AWSCURRENT still names the "
        "previous key, or a new key that passed its test. Secrets Manager retries the whole rotation several "
        "times. The log names the secret, the step and the reason. If the failures continue, a permission is "
        "missing or a deployment is faulty. After fixing the cause, start the rotation again. If AWSPENDING "
        f"blocks it, function {functions.retire_keys.function_name} removes that label within three hours.",
    )


def _watch_retirement(alarms: Alarms, retire_keys: Function) -> None:
    alarms.watch_function(
        retire_keys, "RetireKeys", "Replaced keys keep their status until the next hourly run."
    )
    alarms.alarm_when_any(
        "SecretsLeft",
        own_metric(SECRETS_LEFT, statistic=Stats.MAXIMUM, period=HOUR),
        f"Function {retire_keys.function_name} ran out of time before it processed all managed secrets. The "
        "next hourly run starts with the remaining ones, so the retirement of replaced keys and the repair "
        "of interrupted rotations are delayed. Check the log for throttling and for secrets that take long. "
        "If there are simply many secrets, one pass over all of them now takes several hours.",
    )
    alarms.watch_schedule(
        "RetireKeysDidNotRun",
        retire_keys,
        HOUR,
        expected="has not run for two hours; it should run every hour",
        consequence="Replaced keys stay active, and an interrupted rotation can block the next one.",
    )
