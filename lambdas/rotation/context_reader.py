"""What a rotation of an owner's key would meet, read at this moment: consent, binding, switches, limits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from lambdas.aws.domain.iam import ACTIVE
from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY
from lambdas.aws.domain.principals import is_automation
from lambdas.errors import PermanentError, TransientError
from lambdas.ledger.domain.enrolment_tags import claim_of
from lambdas.rotation.domain.binding import flaw_of_binding
from lambdas.rotation.domain.key_slots import KEYS_ALLOWED
from lambdas.rotation.domain.modes import mode_of
from lambdas.rotation.domain.rotation_context import Previous, RotationContext
from lambdas.rotation.ports import CURRENT, PREVIOUS, SecretVersions
from lambdas.text import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from lambdas.aws.domain.iam import KeyChange, ListedKey
    from lambdas.ledger.domain.enrolment_tags import Claim
    from lambdas.ledger.domain.owner import Owner
    from lambdas.rotation.backup_users import BackupUsers
    from lambdas.rotation.domain.modes import Mode
    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.ports import DescribedSecrets, ReadRotations, RotationBudget, StageSwitches


@dataclass(frozen=True, kw_only=True)
class RotationContextReader:
    """`automations` are principals whose switching off of a key is no containment by a person;
    `deployed_mode` holds where the switches cannot be read.
    """

    secrets: DescribedSecrets
    rotations: ReadRotations
    switches: StageSwitches
    budget: RotationBudget
    prefix: str
    cooldown: timedelta
    automations: tuple[str, ...]
    backups: BackupUsers
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
    ) -> RotationContext | None:
        """None for an owner that did not opt in. What cannot be read speaks against a rotation, never against
        the alert: a user may tag itself, and nobody's tag may keep an alert back.
        """
        claim = claim_of(owner.name, owner.user_id, owner.tags)
        if claim is None:
            return None
        try:
            return self._read(owner, claim, access_key_id, others, history, is_listed=is_listed)
        except (TransientError, PermanentError) as error:
            return RotationContext(
                mode=mode_of(claim.mode),
                stage_mode=self.deployed_mode,
                secret_name=claim.secret_name,
                flaw=f"what it needs cannot be read ({error})",
                is_gone=not owner.exists,
            )

    def _read(  # noqa: PLR0913 - each is another kind of thing
        self,
        owner: Owner,
        claim: Claim,
        access_key_id: str,
        others: Collection[ListedKey],
        history: tuple[KeyChange, ...],
        *,
        is_listed: bool,
    ) -> RotationContext:
        state = self.rotations.read(claim.secret_name)
        secret = self._described(claim)
        has_room, is_gone = _has_room(state, others, is_listed=is_listed), not owner.exists
        return RotationContext(
            mode=mode_of(claim.mode),
            stage_mode=self.switches.mode(),
            secret_name=claim.secret_name,
            flaw=self._flaw(claim, secret),
            live_key=_live_key(state, access_key_id, [*others, *self.backups.keys_lent_by(state)]),
            stopped=self.switches.stopped(),
            in_cooldown=state.finished_at is not None and self.clock() < state.finished_at + self.cooldown,
            budget_spent=self.budget.is_spent(),
            has_room=has_room,
            switched_off_by_automation=self._is_by_automation(history),
            is_gone=is_gone,
            previous=_previous(state, secret, access_key_id, others),
            backup=self.backups.ready_for(owner.name) if is_gone or not has_room else None,
            lent_to=tuple(lent.borrower for lent in state.lent if lent.access_key_id == access_key_id),
        )

    def _described(self, claim: Claim) -> SecretVersions:
        """Nothing is known of a secret that is not under the prefix, and may not be read."""
        name = claim.secret_name
        is_ours = name.startswith(self.prefix)
        return self.secrets.versions_of(name) if is_ours else SecretVersions(name=name)

    def _flaw(self, claim: Claim, secret: SecretVersions) -> str:
        return flaw_of_binding(
            claim, secret_name=claim.secret_name, secret_tags=secret.tags, prefix=self.prefix
        )

    def _is_by_automation(self, history: tuple[KeyChange, ...]) -> bool:
        """Whether every end in a row was a listed automation's: what a bot deletes that a person had switched
        off before is still that person's containment, and nobody knows whom counts as a person.
        """
        newest_first = sorted(history, key=lambda change: change.at, reverse=True)
        ends = list(takewhile(_is_an_end, newest_first))
        return bool(ends) and all(is_automation(end.by, self.automations) for end in ends)


def _is_an_end(change: KeyChange) -> bool:
    return change.event_name == DELETE_KEY or (change.event_name == UPDATE_KEY and change.status != ACTIVE)


def _live_key(state: RotationState, refused: str, others: Collection[ListedKey]) -> str:
    """The key that is in service, if it works and is not the one that was refused."""
    living = {key.access_key_id for key in others if key.is_active} - {refused}
    return state.in_service if state.in_service in living else ""


def _previous(
    state: RotationState, secret: SecretVersions, refused: str, others: Collection[ListedKey]
) -> Previous | None:
    """Where the refused key is the one in service: the key before it, if nobody has switched it off, nor is
    about to.
    """
    living = {key.access_key_id for key in others if key.is_active}
    replaced = state.replaced(state.previous)
    version, current = secret.labelled(PREVIOUS), secret.labelled(CURRENT)
    if state.in_service != refused or state.previous not in living or (replaced and replaced.retiring_at):
        return None
    if not (is_secret_name(version) and is_secret_name(current)):
        return None  # they become words of a command
    return Previous(access_key_id=state.previous, version=version, current_version=current)


def _has_room(state: RotationState, others: Collection[ListedKey], *, is_listed: bool) -> bool:
    """As far as can be told from here; the rotation itself looks closer before it changes anything."""
    if len(others) + is_listed < KEYS_ALLOWED:
        return True
    kept = state.superseded_ids | state.lent_ids | {state.in_service, state.previous}
    return any(not key.is_active and key.access_key_id not in kept for key in others)
