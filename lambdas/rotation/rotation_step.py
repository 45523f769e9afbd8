"""One step of a rotation as Secrets Manager requests it: runs the step and reports its failure or success."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lambdas.errors import PermanentError, TransientError
from lambdas.observability import logger
from lambdas.rotation.ports import RefusedError
from lambdas.rotation.rotation_notifications import RotationNotifications
from lambdas.rotation.rotator import Rotator


@dataclass(kw_only=True, eq=False, repr=False)
class RotationStep:
    rotator: Rotator
    notifications: RotationNotifications
    count_faults: Callable[[int], None]  # called once for each step: possible faults of the remediator

    def run(self, step: str, secret: str, token: str) -> None:
        """Raises whatever the step raises: Secrets Manager then retries the whole rotation.

        A refusal is no fault. A failed step is one, and so is a failure that could not be reported.
        """
        faults = 0
        try:
            self._run(step, secret, token)
        except Exception as error:
            faults = int(_is_fault(error, step, secret)) + int(not self._is_sent(step, secret, token, error))
            raise
        finally:
            self.count_faults(faults)
        logger.info("step done", step=step, secret=secret)

    def _run(self, step: str, secret: str, token: str) -> None:
        steps = {
            "createSecret": self.rotator.create_secret,
            "setSecret": self.rotator.set_secret,
            "testSecret": self.rotator.test_secret,
            "finishSecret": self.rotator.finish_secret,
        }
        steps[step](secret, token)
        if step == "finishSecret":
            self.notifications.send_success(secret, token)
        elif step == "testSecret" and self.rotator.is_configuration_test(secret, token):
            self.notifications.send_fields_left_behind(secret)

    def _is_sent(self, step: str, secret: str, token: str, error: Exception) -> bool:
        """A failure to send must not hide why the step failed."""
        try:
            self.notifications.send_failure(step, secret, token, error)
        except (PermanentError, TransientError) as cause:
            logger.warning("the failure could not be reported", secret=secret, cause=str(cause))
            return False
        return True


def _is_fault(error: Exception, step: str, secret: str) -> bool:
    if isinstance(error, RefusedError):
        logger.warning("the rotation is refused", step=step, secret=secret, reason=str(error))
        return False
    if isinstance(error, (PermanentError, TransientError)):
        logger.warning("the step failed", step=step, secret=secret, reason=str(error))
    return True
