"""A rotation as it runs.

AWS documents ("Rotation by Lambda function", "How rotation works") that Secrets Manager invokes the function
for four steps, which it names by Step, SecretId and ClientRequestToken; that a step that fails fails the
whole rotation, which is retried from the start several times; that a cancelled rotation or one that a new
version overtook goes no further. How often it retries, and whether each failed attempt is recorded, is not
documented: here each is, which is the harder case for a reader. A function that returns without having moved
AWSCURRENT has failed too, which is seen in practice. The emulator invokes nothing.
"""

from __future__ import annotations

import contextvars
import json
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import lambda_svc, secretsmanager

from local.emulator.gaps.secretsmanager.rotation_records import record
from local.emulator.secret_labels import CURRENT, PENDING, detach, holder

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")


class StoppedError(Exception):
    """The rotation was cancelled, overtaken, or lost its secret."""


@dataclass(frozen=True)
class Rotation:
    secret_arn: str
    token: str
    function_arn: str

    def in_background(self, attempts: int, pause: float) -> None:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run, attempts, pause), daemon=True).start()

    def test_in_background(self) -> None:
        threading.Thread(target=contextvars.copy_context().run, args=(self._test,), daemon=True).start()

    def _run(self, attempts: int, pause: float) -> None:
        self._record("RotationStarted")
        for attempt in range(attempts):
            time.sleep(pause if attempt else 0)
            try:
                failure = self._attempt()
            except StoppedError:
                return
            if failure is None:
                self._record("RotationSucceeded")
                return
            self._record("RotationFailed", failure)

    def _attempt(self) -> str | None:
        """What failed, if anything did."""
        for step in STEPS:
            if failure := self._invoke(step):
                return failure
        if holder(secret := self._secret(), CURRENT) != self.token:
            return f"The pending version {self.token} is not current after the finishSecret step"
        detach(secret, PENDING)
        secret["LastRotatedDate"] = int(time.time())
        return None

    def _test(self) -> None:
        """A rotation that is only configured: its pending version goes away again."""
        self._record("TestRotationStarted")
        try:
            failure = self._invoke("testSecret")
            del self._secret()["Versions"][self.token]
        except StoppedError:
            return
        self._record("TestRotationFailed" if failure else "TestRotationSucceeded", failure)

    def _invoke(self, step: str) -> str | None:
        self._secret()
        event = {"Step": step, "SecretId": self.secret_arn, "ClientRequestToken": self.token}
        function, configuration, _ = lambda_svc._get_func_record_for_ref(self.function_arn)
        failed = function is None or _fails(function, configuration, event)
        return f"Error when executing lambda {self.function_arn} during {step} step" if failed else None

    def _secret(self) -> dict[str, Any]:
        secret: dict[str, Any] | None = secretsmanager._resolve(self.secret_arn)[1]
        if secret is None or secret.get("DeletedDate") or not secret["RotationEnabled"]:
            raise StoppedError
        if self.token not in {holder(secret, PENDING), holder(secret, CURRENT)}:
            raise StoppedError
        return secret

    def _record(self, event_name: str, error: str | None = None) -> None:
        record(event_name, self.secret_arn, self.token, error)


def _fails(function: Any, configuration: Any, event: dict[str, str]) -> bool:
    record = lambda_svc._execution_record_for_config(function, configuration)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    if log := result.get("log"):
        secretsmanager.logger.info("Rotation %s: %s", json.dumps(event), log)
    return bool(result.get("error"))
