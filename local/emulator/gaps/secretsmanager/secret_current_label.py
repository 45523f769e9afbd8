"""AWSCURRENT stays.

AWS refuses to take AWSCURRENT off a secret: it can only move to another version (the error's own words). The
emulator takes it off.
"""

from __future__ import annotations

from ministack.services import secretsmanager

from local.emulator.secret_labels import CURRENT
from local.emulator.secret_requests import Answer, RefusedError, Request, refusal


def fill() -> None:
    update = secretsmanager._update_secret_version_stage

    def update_secret_version_stage(request: Request) -> Answer:
        if request.get("VersionStage") == CURRENT and not request.get("MoveToVersionId"):
            message = "You can only move staging label AWSCURRENT to a different secret version. "
            whole = f"{message}It can't be completely removed."
            return refusal(RefusedError("InvalidParameterException", whole))
        answer: Answer = update(request)
        return answer

    secretsmanager._update_secret_version_stage = update_secret_version_stage
