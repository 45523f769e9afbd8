"""What a person runs to approve a change that was not made, or to take back one that was."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.diagnosis.domain.remedies import approve_rotation
from lambdas.rotation.domain.rotation_context import ReplacementMethod
from lambdas.text import quote_secret_name, sanitize_name

if TYPE_CHECKING:
    from lambdas.rotation.domain.rotation_context import Backup, Previous, RotationContext


def proposal(enrolment: RotationContext) -> Remedy:
    """The enrolment must be without a flaw: its secret is one that Secrets Manager has described."""
    if enrolment.way is ReplacementMethod.PREVIOUS and enrolment.previous:
        return _go_back(enrolment.secret_name, enrolment.previous)
    if enrolment.way is ReplacementMethod.BACKUP and enrolment.backup:
        return _lend(enrolment.secret_name, enrolment.backup)
    return approve_rotation(enrolment.secret_name)


def return_of_loan(secret_name: str) -> Remedy:
    return Remedy(
        purpose="Return the borrowed key: give the user a new one of its own, once it may have one",
        commands=(f"aws secretsmanager rotate-secret --secret-id {quote_secret_name(secret_name)}",),
    )


def _go_back(secret_name: str, previous: Previous) -> Remedy:
    return Remedy(
        purpose=f"Approve the previous key {previous.access_key_id}, unless the user's keys were switched off"
        " to contain a leak",
        commands=(
            (
                f"aws secretsmanager update-secret-version-stage --secret-id {quote_secret_name(secret_name)}"
                f" --version-stage AWSCURRENT --move-to-version-id {quote_secret_name(previous.version)}"
                f" --remove-from-version-id {quote_secret_name(previous.current_version)}"
            ),
        ),
    )


def _lend(secret_name: str, backup: Backup) -> Remedy:
    """The key must not pass through a person's shell. The function asks everything again."""
    payload = json.dumps({"secret": secret_name, "backup": backup.user_name})
    quoted = re.sub(r"[.@]", lambda match: f"'{match[0]}'", payload)  # as quote_secret_name, within quotes
    return Remedy(
        purpose=f"Approve the loan of the key of its backup user {sanitize_name(backup.user_name)}",
        commands=(
            (
                f"printf %s '{quoted}' | aws lambda invoke --payload fileb:///dev/stdin"
                f" --function-name {quote_secret_name(backup.function_name)} /dev/stdout"
            ),
        ),
    )
