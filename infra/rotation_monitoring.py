"""Tells the operators that rotations fail, or that replaced keys are no longer retired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.alarms import MINUTE, Alarms

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from aws_cdk.aws_sns import Topic
    from constructs import Construct


class RotationMonitoring(Alarms):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        operations_topic: Topic,
        rotate_key: Function,
        retire_keys: Function,
    ) -> None:
        super().__init__(scope, construct_id, operations_topic=operations_topic)
        self._watch_steps(rotate_key, retire_keys)
        self.watch_throttles(rotate_key, "RotateKey")
        self.watch_function(
            retire_keys,
            "RetireKeys",
            "Keys that were replaced stay as they are until its next run, an hour later.",
        )

    def _watch_steps(self, rotate_key: Function, retire_keys: Function) -> None:
        """A refusal is an error too: Secrets Manager learns of it in no other way."""
        self.alarm(
            "RotateKeyFunctionErrors",
            rotate_key.metric_errors(period=MINUTE),
            f"A step of a rotation failed in function {rotate_key.function_name}: a guardrail refused it, or "
            "AWS did not answer, or did not accept the new key in time. AWSCURRENT names the key that it "
            "named before, or a new one that was tested. Secrets Manager tries the whole rotation again, "
            "several times. The log names the secret, the step and the reason. A refusal stands until its "
            "reason is removed; if other errors go on, a permission is missing or a deployment is faulty. "
            "Once mended, start the rotation again. If AWSPENDING is in its way, function "
            f"{retire_keys.function_name} takes that label off within three hours.",
        )
