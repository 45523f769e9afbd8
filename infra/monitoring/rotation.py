"""Tells the operators that rotations fail, or that replaced keys are no longer retired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import Stats

from infra.functions.schedule import HOUR
from infra.monitoring.alarms import own_metric
from lambdas.observability import FAILED_STEPS, SECRETS_LEFT

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function

    from infra.monitoring.alarms import Alarms
    from infra.monitoring.functions import Functions


def watch_rotation(alarms: Alarms, functions: Functions) -> None:
    retire_keys = functions.retire_keys
    _watch_steps(alarms, functions)
    alarms.watch_throttles(functions.rotate_key, "RotateKey")
    alarms.watch_function(
        retire_keys,
        "RetireKeys",
        "Keys that were replaced stay as they are until its next run, an hour later.",
    )
    _watch_retirement(alarms, retire_keys)
    alarms.watch_function(
        functions.fail_over,
        "FailOver",
        "A managed secret may still name a dead key; the alert of that key says refuse.",
    )


def _watch_steps(alarms: Alarms, functions: Functions) -> None:
    """Not the function's errors: a refusal is one too, by which Secrets Manager learns of it, and of it
    people are told by an alert. So are they of a function that crashed or was not run at all, by Secrets
    Manager's own record.
    """
    alarms.alarm_when_any(
        "FailedRotationSteps",
        own_metric(FAILED_STEPS),
        f"A step of a rotation failed in function {functions.rotate_key.function_name}: AWS did not answer, "
        "or did not accept the new key in time, or what came of it could not be told. AWSCURRENT names the "
        "key that it named before, or a new one that was tested. Secrets Manager tries the whole rotation "
        "again, several times. The log names the secret, the step and the reason. If it goes on failing, "
        "a permission is missing or a deployment is faulty. Once mended, start the rotation again. If "
        f"AWSPENDING is in its way, function {functions.retire_keys.function_name} takes that label off "
        "within three hours.",
    )


def _watch_retirement(alarms: Alarms, retire_keys: Function) -> None:
    alarms.alarm_when_any(
        "SecretsLeft",
        own_metric(SECRETS_LEFT, statistic=Stats.MAXIMUM, period=HOUR),
        f"Function {retire_keys.function_name} had no time left for some managed secrets, and begins "
        "with them in the next hour: replaced keys are retired, and dead rotations mended, that much "
        "later. See in its log whether AWS throttles it or single secrets take long. If there are simply "
        "many secrets, a round takes several hours from now on.",
    )
    alarms.alarm_when_missing(
        "RetireKeysDidNotRun",
        retire_keys.metric_invocations(period=HOUR),
        f"Function {retire_keys.function_name} has not run for two hours, where it should every hour: "
        "replaced keys stay alive, and what dead rotations have left is in the way of the next. See "
        "whether its schedule, an EventBridge rule of the same stack, is there and enabled, and whether "
        "the function is throttled. Deploying the stack again mends changes made by hand.",
        evaluation_periods=2,
    )
