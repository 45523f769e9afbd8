"""A secret's versions and their staging labels: each label is on one version at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ministack.services import secretsmanager

if TYPE_CHECKING:
    from local.emulator.secret_requests import SecretRecord

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"


def holder(secret: SecretRecord, label: str) -> str | None:
    version_id: str | None = secretsmanager._find_stage_version(secret, label)[0]
    return version_id


def attach(secret: SecretRecord, version_id: str, label: str) -> None:
    """AWSPREVIOUS follows AWSCURRENT by itself."""
    before = holder(secret, label)
    if before == version_id:
        return
    detach(secret, label)
    secretsmanager._add_stage(secret, version_id, label)
    if label == CURRENT and before is not None:
        attach(secret, before, PREVIOUS)
    if label not in {PENDING, PREVIOUS}:
        secretsmanager._emit_secret_label_updated(secret, label, version_id)


def detach(secret: SecretRecord, label: str) -> None:
    secretsmanager._remove_stage_everywhere(secret, label)


def add_version(
    secret: SecretRecord, version_id: str, text: str | None = None, binary: str | None = None
) -> None:
    """Without a value it is what RotateSecret begins with."""
    labels = secret["Versions"].get(version_id, {}).get("Stages", [])
    value = {"SecretString": text, "SecretBinary": binary}
    secret["Versions"][version_id] = {**value, "CreatedDate": int(time.time()), "Stages": labels}


def value_of(secret: SecretRecord, version_id: str) -> tuple[str | None, str | None]:
    version = secret["Versions"].get(version_id, {})
    return version.get("SecretString"), version.get("SecretBinary")


def is_rotating(secret: SecretRecord) -> bool:
    """Whether a version is pending that is not the current one; it blocks RotateSecret."""
    pending = holder(secret, PENDING)
    return pending is not None and pending != holder(secret, CURRENT)
