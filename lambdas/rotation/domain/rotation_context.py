"""What a rotation of a user's key would meet: its secret, mode, budget and free slots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lambdas.rotation.domain.modes import Mode, smaller


class ReplacementMethod(StrEnum):
    """By which a dead key in service is replaced: by the one before it, by the backup's, by a new one."""

    PREVIOUS = "previous"
    BACKUP = "backup"
    ROTATION = "rotation"


@dataclass(frozen=True, kw_only=True)
class Previous:
    """The key that the secret named before the one in service, alive by IAM's word, and both versions."""

    access_key_id: str
    version: str
    current_version: str


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The user whose key may be lent, ready to be, and the function that lends it."""

    user_name: str
    function_name: str


@dataclass(frozen=True, kw_only=True)
class RotationContext:
    """`flaw` is why user and secret do not belong together, empty where they do. `live_key` is another key
    that the secret already names and that works: its consumer has only not read it yet. `is_gone` says that
    the user was deleted, `lent_to` that the refused key is lent to these secrets.
    """

    mode: Mode
    stage_mode: Mode
    secret_name: str
    flaw: str = ""
    live_key: str = ""
    stopped: bool = False
    in_cooldown: bool = False
    budget_spent: bool = False
    has_room: bool = True
    switched_off_by_automation: bool = False
    is_gone: bool = False
    previous: Previous | None = None
    backup: Backup | None = None
    lent_to: tuple[str, ...] = ()

    @property
    def way(self) -> ReplacementMethod:
        if self.previous:
            return ReplacementMethod.PREVIOUS
        no_rotation = self.is_gone or not self.has_room
        return ReplacementMethod.BACKUP if self.backup and no_rotation else ReplacementMethod.ROTATION

    @property
    def effective_mode(self) -> Mode:
        """The smaller of the two."""
        return smaller(self.mode, self.stage_mode)
