"""What a rotation of an owner's key would meet, read at this moment: consent, binding, switches, limits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from lambdas.domain.errors import PermanentError, TransientError
from lambdas.domain.evidence import ACTIVE
from lambdas.domain.ledger.life_cycle import DELETE_KEY, UPDATE_KEY
from lambdas.domain.rotation.binding import claim_of, flaw_of_binding
from lambdas.domain.rotation.enrolment import Enrolment, mode_of
from lambdas.domain.rotation.slots import KEYS_ALLOWED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from lambdas.domain.cause import Mode
    from lambdas.domain.evidence import KeyChange, ListedKey, Owner
    from lambdas.domain.rotation.binding import Claim
    from lambdas.domain.rotation.ports import Budget, DescribedSecrets, ReadRotations, StageSwitches
    from lambdas.domain.rotation.state import RotationState


@dataclass(frozen=True, kw_only=True)
class Enrolments:
    """`automations` are principals whose switching off of a key is no containment by a person;
    `deployed_mode` holds where the switches cannot be read.
    """

    secrets: DescribedSecrets
    rotations: ReadRotations
    switches: StageSwitches
    budget: Budget
    prefix: str
    cooldown: timedelta
    automations: tuple[str, ...]
    deployed_mode: Mode
    clock: Callable[[], datetime]

    def of(
        self,
        owner: Owner,
        access_key_id: str,
        others: Collection[ListedKey],
        history: tuple[KeyChange, ...],
        *,
        is_listed: bool,
    ) -> Enrolment | None:
        """None for an owner that did not opt in. What cannot be read speaks against a rotation, never against
        the alert: a user may tag itself, and nobody's tag may keep an alert back.
        """
        claim = claim_of(owner.name, owner.user_id, owner.tags)
        if claim is None:
            return None
        try:
            return self._read(claim, access_key_id, others, history, is_listed=is_listed)
        except (TransientError, PermanentError) as error:
            return Enrolment(
                mode=mode_of(claim.mode),
                stage_mode=self.deployed_mode,
                secret_name=claim.secret_name,
                flaw=f"what it needs cannot be read ({error})",
            )

    def _read(
        self,
        claim: Claim,
        access_key_id: str,
        others: Collection[ListedKey],
        history: tuple[KeyChange, ...],
        *,
        is_listed: bool,
    ) -> Enrolment:
        state = self.rotations.read(claim.secret_name)
        return Enrolment(
            mode=mode_of(claim.mode),
            stage_mode=self.switches.mode(),
            secret_name=claim.secret_name,
            flaw=self._flaw(claim),
            live_key=_live_key(state, access_key_id, others),
            stopped=self.switches.stopped(),
            in_cooldown=state.finished_at is not None and self.clock() < state.finished_at + self.cooldown,
            budget_spent=self.budget.is_spent(),
            has_room=_has_room(state, others, is_listed=is_listed),
            switched_off_by_automation=self._is_by_automation(history),
        )

    def _flaw(self, claim: Claim) -> str:
        name, is_ours = claim.secret_name, claim.secret_name.startswith(self.prefix)
        tags = self.secrets.versions_of(name).tags if is_ours else {}
        return flaw_of_binding(claim, secret_name=name, secret_tags=tags, prefix=self.prefix)

    def _is_by_automation(self, history: tuple[KeyChange, ...]) -> bool:
        """Whether every end in a row was a listed automation's: what a bot deletes that a person had switched
        off before is still that person's containment, and nobody knows whom counts as a person.
        """
        newest_first = sorted(history, key=lambda change: change.at, reverse=True)
        ends = list(takewhile(_is_an_end, newest_first))
        return bool(ends) and all(self._is_listed(end.by) for end in ends)

    def _is_listed(self, principal: str) -> bool:
        return any(_is_of(principal, automation) for automation in self.automations)


def _is_an_end(change: KeyChange) -> bool:
    return change.event_name == DELETE_KEY or (change.event_name == UPDATE_KEY and change.status != ACTIVE)


def _is_of(principal: str, automation: str) -> bool:
    """The principal itself, or a session of the role."""
    return principal == automation or principal.startswith(automation.rstrip("/") + "/")


def _live_key(state: RotationState, refused: str, others: Collection[ListedKey]) -> str:
    """The key that the last rotation put into service, if it works and is not the one that was refused."""
    promoted = [made.access_key_id for made in state.made if made.promoted]
    living = {key.access_key_id for key in others if key.is_active} - {refused}
    return promoted[-1] if promoted and promoted[-1] in living else ""


def _has_room(state: RotationState, others: Collection[ListedKey], *, is_listed: bool) -> bool:
    """As far as can be told from here; the rotation itself looks closer before it changes anything."""
    if len(others) + is_listed < KEYS_ALLOWED:
        return True
    kept = state.superseded_ids
    return any(not key.is_active and key.access_key_id not in kept for key in others)
