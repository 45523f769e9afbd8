"""Ends the schedule of a secret that its user no longer claims, and records that the enrolment has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.aws.domain.iam import IamUser
from lambdas.enrolment.domain.claims import (
    EnrolmentSettings,
    PreviousClaim,
    RotationSchedule,
    is_to_be_released,
    name_violation,
)
from lambdas.enrolment.ports import ClaimedSecrets
from lambdas.enrolment.secret_provisioner import SecretProvisioner
from lambdas.ledger.domain.enrolment_tags import Claim
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.ports import RejectedError, Rotations


@dataclass(frozen=True, kw_only=True)
class Release:
    # The claim by which the user was enrolled until now, in the mode that the schedule shows. None if it was
    # not enrolled, if its end was recorded before, or if the user is deleted.
    ended: Claim | None = None
    problem: str = ""


@dataclass(kw_only=True, eq=False, repr=False)
class FormerSecrets:
    secrets: ClaimedSecrets
    provisioner: SecretProvisioner
    rotations: Rotations
    settings: EnrolmentSettings
    clock: Callable[[], datetime]

    def release(self, user_name: str, user: IamUser | None, secret_name: str) -> Release:
        if not secret_name or name_violation(secret_name, self.settings.prefix):
            return Release()
        try:
            secret = self.secrets.find_secret(secret_name)
        except RejectedError as error:
            return Release(problem=f"the former secret cannot be read ({error})")
        if secret is None:
            return Release()
        state = self.rotations.read(secret_name)
        previous = PreviousClaim(
            secret=secret,
            user_name=user_name,
            user_id=user.user_id if user else "",
            bound_name=state.user_name,
            bound_id=state.user_id,
        )
        problem = self._end_schedule(secret_name) if is_to_be_released(previous, self.settings) else ""
        if user is None or state.released_at or not previous.was_its_own:
            return Release(problem=problem)
        mode = Mode.AUTO if secret.is_scheduled else Mode.APPROVE
        ended = Claim(user_name=user.name, user_id=user.user_id, secret_name=secret_name, mode=mode)
        return Release(ended=ended, problem=problem)

    def _end_schedule(self, secret_name: str) -> str:
        """Why it could not be ended, as a clause; empty if it was."""
        try:
            self.provisioner.set_rotation(secret_name, RotationSchedule.DISABLED)
        except RejectedError as error:
            return f"the schedule of the former secret could not be ended ({error})"
        return ""

    def record_end(self, secret_name: str) -> None:
        """After it was reported. Raises BusyError if another run has written the state."""
        state = self.rotations.read(secret_name)
        self.rotations.write(replace(state, released_at=self.clock()))
