"""The commands by which a person approves a change that awaits approval, or reverts one that was made."""

from __future__ import annotations

import json
import re

from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.diagnosis.domain.remedies import approve_rotation, rotate_command
from lambdas.rotation.domain.rotation_context import Backup, Previous, ReplacementMethod, RotationContext
from lambdas.text import quote_secret_name, sanitize_name


def approve_replacement(context: RotationContext) -> Remedy:
    """The context must have no flaw: its secret's name then is one that Secrets Manager returned."""
    if context.replacement_method is ReplacementMethod.PREVIOUS and context.previous:
        return _restore_previous_key(context.secret_name, context.previous)
    if context.replacement_method is ReplacementMethod.BACKUP and context.backup:
        return _lend_backup_key(context.secret_name, context.backup)
    return approve_rotation(context.secret_name)


def return_borrowed_key(secret_name: str) -> Remedy:
    return Remedy.of(
        "Return the borrowed key: give the user a new one of its own, once it can have one",
        rotate_command(secret_name),
    ).as_choice


def _restore_previous_key(secret_name: str, previous: Previous) -> Remedy:
    return Remedy.of(
        f"Approve the previous key {previous.access_key_id}, unless the user's keys were deactivated"
        " to contain a leak",
        f"aws secretsmanager update-secret-version-stage --secret-id={quote_secret_name(secret_name)}"
        f" --version-stage AWSCURRENT --move-to-version-id={quote_secret_name(previous.version)}"
        f" --remove-from-version-id={quote_secret_name(previous.current_version)}",
    ).as_choice


def _lend_backup_key(secret_name: str, backup: Backup) -> Remedy:
    """Invokes the fail_over function, so that the key does not pass through a person's shell. The function
    checks all conditions again.
    """
    payload = json.dumps({"secret": secret_name, "backup": backup.user_name})
    quoted = re.sub(r"[.@]", lambda match: f"'{match[0]}'", payload)  # as quote_secret_name, within quotes
    return Remedy.of(
        f"Approve lending the key of the backup user {sanitize_name(backup.user_name)}",
        f"printf %s '{quoted}' | aws lambda invoke --payload fileb:///dev/stdin"
        f" --function-name={quote_secret_name(backup.function_name)} /dev/stdout",
    ).as_choice
