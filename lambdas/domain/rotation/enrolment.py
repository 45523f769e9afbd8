"""What a rotation of a user's key would meet: consent, binding, switches, limits. All of it read just now."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.domain.cause import Mode

_ORDER = (Mode.NOTIFY, Mode.APPROVE, Mode.AUTO)


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """`flaw` is why user and secret do not belong together, empty where they do. `live_key` is another key
    of the user that the secret already names and that works: its consumer has only not read it yet.
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

    @property
    def effective_mode(self) -> Mode:
        """The smaller of the two."""
        return smaller(self.mode, self.stage_mode)


def smaller(mode: Mode, other: Mode) -> Mode:
    return min(mode, other, key=_ORDER.index)


def mode_of(text: str) -> Mode:
    """Of a tag's value; what is no mode allows the least."""
    return Mode(text) if text in set(Mode) else Mode.NOTIFY
