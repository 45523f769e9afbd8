"""Reads everything that decides whether an owner's key may be rotated: consent, binding, switches, limits."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import KEYS_ALLOWED, KeyChange, ListedKey
from lambdas.errors import PermanentError, TransientError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim, read_claim
from lambdas.ledger.domain.owner import Owner
from lambdas.rotation.backup_users import BackupUsers
from lambdas.rotation.deactivation_check import DeactivationCheck
from lambdas.rotation.domain.binding import binding_violation, control_violation
from lambdas.rotation.domain.modes import Mode, parse_mode, smaller
from lambdas.rotation.domain.rotation_context import Previous, RotationContext
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, PREVIOUS, SecretDescription
from lambdas.rotation.ports import DescribedSecrets, ReadRotations, RotationBudget, SecretGoneError, Switches
from lambdas.text import is_secret_name

_DENIAL_REMEMBERED = timedelta(days=1)  # then the policy may have changed, and a rotation is tried again


@dataclass(kw_only=True, eq=False, repr=False)
class RotationContextReader:
    secrets: DescribedSecrets
    rotations: ReadRotations
    switches: Switches
    budget: RotationBudget
    prefix: str  # of the names of all managed secrets
    cooldown: timedelta  # between two rotations of a user's key
    deactivations: DeactivationCheck
    backups: BackupUsers
    deployed_mode: Mode  # used if the switches cannot be read
    clock: Callable[[], datetime]

    def read(
        self,
        owner: Owner,
        access_key_id: str,
        others: Collection[ListedKey],
        history: tuple[KeyChange, ...],
        *,
        is_listed: bool,
    ) -> RotationContext | None:
        """None for an owner who did not opt in. If something cannot be read, there is no rotation, but still
        an alert: a user may tag itself, and no tag may suppress an alert.
        """
        claim = read_claim(owner.name, owner.user_id, owner.tags)
        if claim is None:
            return None
        try:
            return self._read_all(owner, claim, access_key_id, others, history, is_listed=is_listed)
        except (TransientError, PermanentError) as error:
            return RotationContext(
                mode=parse_mode(claim.mode),
                deployment_mode=self.deployed_mode,
                secret_name=claim.secret_name,
                binding_refusal=f"the state that it needs cannot be read ({error})",
                is_gone=not owner.exists,
            )

    def _read_all(  # noqa: PLR0913 - each is another kind of thing
        self,
        owner: Owner,
        claim: Claim,
        access_key_id: str,
        others: Collection[ListedKey],
        history: tuple[KeyChange, ...],
        *,
        is_listed: bool,
    ) -> RotationContext:
        state, deployment_mode = self.rotations.read(claim.secret_name), self.switches.mode()
        secret = self._described(claim, smaller(parse_mode(claim.mode), deployment_mode))
        live_key = _live_key(state, access_key_id, [*others, *self.backups.lender_keys(state)])
        has_slot, is_gone = _has_free_slot(state, others, is_listed=is_listed), not owner.exists
        return RotationContext(
            mode=parse_mode(claim.mode),
            deployment_mode=deployment_mode,
            secret_name=claim.secret_name,
            binding_refusal=binding_violation(claim, secret, self.prefix) or control_violation(secret),
            live_key=live_key,
            loan=state.loan if live_key and live_key == state.borrowed_key_id else None,
            is_rotating=secret.is_rotating,
            stopped=self.switches.stopped(),
            in_cooldown=state.finished_at is not None and self.clock() < state.finished_at + self.cooldown,
            budget_spent=self.budget.is_spent(claim.user_id),
            has_free_slot=has_slot,
            creation_denied=self._was_denied(state),
            deactivated_by=self.deactivations.deactivated_by(access_key_id, history),
            is_gone=is_gone,
            previous=_previous(state, secret, access_key_id, others),
            backup=self.backups.find_usable(owner.name) if is_gone or not has_slot else None,
            lent_to=tuple(lent.borrower for lent in state.lent if lent.access_key_id == access_key_id),
        )

    def _was_denied(self, state: RotationState) -> bool:
        denied_at = state.creation_denied_at
        return denied_at is not None and self.clock() < denied_at + _DENIAL_REMEMBERED

    def _described(self, claim: Claim, effective_mode: Mode) -> SecretDescription:
        """Empty for a secret that is not under the prefix, which our role may not read. While the mode is
        notify, enrolment creates no secret, and the alert says what would be done with the one that it would
        create.
        """
        name = claim.secret_name
        if not name.startswith(self.prefix):
            return SecretDescription(name=name)
        try:
            return self.secrets.describe_secret(name)
        except SecretGoneError:
            if effective_mode is not Mode.NOTIFY:
                raise
            return SecretDescription(name=name, tags={USER_ID_TAG: claim.user_id})


def _live_key(state: RotationState, refused: str, others: Collection[ListedKey]) -> str:
    """The secret's current key, if it works and is not the one that was refused."""
    living = {key.access_key_id for key in others if key.is_active} - {refused}
    return state.current_key_id if state.current_key_id in living else ""


def _previous(
    state: RotationState, secret: SecretDescription, refused: str, others: Collection[ListedKey]
) -> Previous | None:
    """If the refused key is the current one: the key before it, if it is active and stays so."""
    living = {key.access_key_id for key in others if key.is_active}
    previous, superseded = state.previous_key_id, state.superseded_key(state.previous_key_id)
    is_retiring = superseded is not None and superseded.retiring_at is not None
    if state.current_key_id != refused or previous not in living or is_retiring:
        return None
    version, current = secret.labelled(PREVIOUS), secret.labelled(CURRENT)
    if not (is_secret_name(version) and is_secret_name(current)):
        return None  # they become words of a command
    return Previous(access_key_id=previous, version=version, current_version=current)


def _has_free_slot(state: RotationState, others: Collection[ListedKey], *, is_listed: bool) -> bool:
    """An estimate; the rotation itself checks again before it changes anything."""
    if len(others) + is_listed < KEYS_ALLOWED:
        return True
    kept = state.superseded_ids | state.lent_ids | {state.current_key_id, state.previous_key_id}
    return any(not key.is_active and key.access_key_id not in kept for key in others)
