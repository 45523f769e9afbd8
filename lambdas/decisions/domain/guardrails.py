"""The guardrails, in the order in which they are applied: the first that applies decides."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from lambdas.aws.domain.principals import is_own_test
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import Source
from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.fail_overs import BorrowedKey
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import (
    BUDGET_SPENT,
    CREATION_DENIED,
    KILL_SWITCH_ON,
    ReplacementMethod,
    RotationContext,
)
from lambdas.text import sanitize, sanitize_name, sanitize_secret_name

ROTATION_STARTED = "a rotation of the managed secret has been started"


_NOTHING_CHANGED = "nothing was changed"
_UNDER_WAY = "another rotation of the secret is under way, or was not completed"


class Action(StrEnum):
    SUPPRESS = "suppress"
    NOTIFY = "notify"
    REQUEST_APPROVAL = "request-approval"
    ROTATE = "rotate"
    FAIL_OVER = "fail-over"
    REFUSE = "refuse"


class Guardrail(StrEnum):
    NOT_A_KEY_FAILURE = "not-a-key-failure"
    QUARANTINED = "quarantined"
    EXEMPT = "exempt"
    ROTATION_CANNOT_MEND = "rotation-cannot-mend"
    EVIDENCE_INCOMPLETE = "evidence-incomplete"
    NOT_ENROLLED = "not-enrolled"
    CONSUMER_IS_STALE = "consumer-is-stale"
    MODE_NOTIFY = "mode-notify"
    KILL_SWITCH = "kill-switch"
    COOLDOWN = "cooldown"
    BUDGET = "budget"
    NO_SLOT = "no-slot"
    CREATION_DENIED = "creation-denied"
    BINDING = "binding"
    SWITCHED_OFF_BY_A_PERSON = "switched-off-by-a-person"
    MODE_APPROVE = "mode-approve"
    NOT_STARTED = "not-started"
    OWN_TRIAL = "own-trial"
    NONE = "none"


class GuardrailResult(NamedTuple):
    action: Action
    guardrail: Guardrail
    reason: str  # a clause, safe to print


ROTATABLE = frozenset(
    {
        Cause.SUPERSEDED_KEY,
        Cause.KEY_DELETED,
        Cause.KEY_INACTIVE,
        Cause.DEACTIVATED_IN_USE,
        Cause.DELETED_IN_USE,
    }
)

# A deleted user cannot get a new key, but its secret can borrow the key of its backup user.
_REPLACEABLE = ROTATABLE | PREDICTIONS | {Cause.USER_DELETED}


# Without these, neither the key's end nor the owner's consent is confirmed.
_OF_IAM = (Source.KEY, Source.LISTING, Source.OWNER, Source.QUARANTINE)


def apply_guardrails(
    cause: Cause,
    evidence: Evidence,
    *,
    exposed: bool = False,
    exempt: str = "",
    trusts_all_actors: bool = False,
) -> GuardrailResult:
    """`exposed`: the failed call itself exposed a secret. `exempt` and `trusts_all_actors` as in decide."""
    context, leaked = evidence.rotation_context, evidence.has_leaked
    return (
        _unconditional(cause, leaked=leaked)
        or _exempt("" if leaked or exposed else exempt)
        or _incomplete(cause, evidence)
        or _not_rotatable(cause, context)
        or _blocked(context)
        or _needs_approval(context, trusts_all_actors=trusts_all_actors)
        or _allowed_action(context)
    )


def own_key_test(cause: Cause, user_agent: str) -> GuardrailResult | None:
    """Suppresses the failures of a rotation that tests its new key until AWS accepts it. A caller that fakes
    the user agent only hides the failure of a key that is less than a minute old.
    """
    if cause is not Cause.KEY_NOT_PROPAGATED or not is_own_test(user_agent):
        return None
    return GuardrailResult(Action.SUPPRESS, Guardrail.OWN_TRIAL, "a rotation is testing its new key")


def consumer_is_stale(secret_name: str, live_key: str, loan: BorrowedKey | None = None) -> GuardrailResult:
    contents = f"{sanitize_secret_name(secret_name)} contains {live_key}, which IAM lists as Active"
    if loan:
        contents += f", lent by the backup user {sanitize_name(loan.lender)} since {moment(loan.since)}"
    return _notify(
        Guardrail.CONSUMER_IS_STALE,
        f"{contents}: the caller must read the secret again; nothing more was changed",
    )


def budget_was_spent() -> GuardrailResult:
    """By others, after the guardrails had been asked."""
    return _refuse(Guardrail.BUDGET, f"a rotation was due, but {BUDGET_SPENT}", _NOTHING_CHANGED)


def _unconditional(cause: Cause, *, leaked: bool) -> GuardrailResult | None:
    """No exemption and no rotation context changes these."""
    if cause is Cause.NOT_A_KEY_FAILURE:
        return GuardrailResult(
            Action.SUPPRESS, Guardrail.NOT_A_KEY_FAILURE, "this is not the failure of a key"
        )
    if cause is Cause.QUARANTINED_KEY or (leaked and cause in PREDICTIONS):
        return _notify(
            Guardrail.QUARANTINED, "a leaked key is never replaced automatically; nothing was changed"
        )
    return None


def _exempt(exempt: str) -> GuardrailResult | None:
    return GuardrailResult(Action.SUPPRESS, Guardrail.EXEMPT, exempt) if exempt else None


def _incomplete(cause: Cause, evidence: Evidence) -> GuardrailResult | None:
    if cause not in _REPLACEABLE or not evidence.is_unread(*_OF_IAM):
        return None
    unread = "what IAM says of the key and its owner could not be read completely"
    return _notify(Guardrail.EVIDENCE_INCOMPLETE, f"{unread}; nothing was changed")


def _not_rotatable(cause: Cause, context: RotationContext | None) -> GuardrailResult | None:
    if cause not in _REPLACEABLE:
        return _notify(Guardrail.ROTATION_CANNOT_MEND, "a rotation cannot fix this; nothing was changed")
    if context is None:
        return _notify(Guardrail.NOT_ENROLLED, "the owner is not enrolled for rotation; nothing was changed")
    if context.live_key:
        return consumer_is_stale(context.secret_name, context.live_key, context.loan)
    if cause not in ROTATABLE and context.replacement_method is not ReplacementMethod.BACKUP:
        return _notify(Guardrail.ROTATION_CANNOT_MEND, "the user no longer exists; nothing was changed")
    if context.effective_mode is Mode.NOTIFY:
        return _notify(Guardrail.MODE_NOTIFY, "the mode in effect is notify; nothing was changed")
    return None


def _blocked(context: RotationContext | None) -> GuardrailResult | None:
    """Cooldown, budget and slots limit the creation of keys. They do not limit a fail-over, which creates
    none, and is needed most right after a rotation, when both slots are in use.
    """
    if context is None:
        return None
    rotates = context.replacement_method is ReplacementMethod.ROTATION
    change = "a rotation" if rotates else "a fail-over"
    changed = _UNDER_WAY if context.is_rotating else _NOTHING_CHANGED
    blocks = (
        (context.stopped, Guardrail.KILL_SWITCH, KILL_SWITCH_ON),
        (rotates and context.in_cooldown, Guardrail.COOLDOWN, "the user's key was rotated recently"),
        (rotates and context.budget_spent, Guardrail.BUDGET, BUDGET_SPENT),
        (
            rotates and not context.has_free_slot,
            Guardrail.NO_SLOT,
            "the user has two keys and neither can be removed",
        ),
        (rotates and context.creation_denied, Guardrail.CREATION_DENIED, CREATION_DENIED),
        (bool(context.binding_refusal), Guardrail.BINDING, sanitize(context.binding_refusal, 200)),
    )
    results = (
        _refuse(guardrail, f"{change} was due, but {reason}", changed)
        for applies, guardrail, reason in blocks
        if applies
    )
    return next(results, None)


def _needs_approval(context: RotationContext | None, *, trusts_all_actors: bool) -> GuardrailResult | None:
    if context is None:
        return None
    if not (context.deactivated_by is DeactivatedBy.AUTOMATION or trusts_all_actors):
        reason = _why_a_person_must_approve(context)
        return GuardrailResult(Action.REQUEST_APPROVAL, Guardrail.SWITCHED_OFF_BY_A_PERSON, reason)
    if context.effective_mode is Mode.APPROVE:
        reason = f"the mode in effect is approve; {_changed_so_far(context)}"
        return GuardrailResult(Action.REQUEST_APPROVAL, Guardrail.MODE_APPROVE, reason)
    return None


def _why_a_person_must_approve(context: RotationContext) -> str:
    which = "a new" if context.replacement_method is ReplacementMethod.ROTATION else "another"
    if context.deactivated_by is DeactivatedBy.UNCONFIRMED:
        return (
            "a record says that a listed automation deactivated or deleted the key, but CloudTrail's event"
            " history, which may be 15 minutes late, does not confirm it yet: it is read once more later, or"
            f" a person approves {which} key; {_changed_so_far(context)}"
        )
    return (
        "the key may have been deactivated or deleted to contain a leak:"
        f" a person must approve {which} key; {_changed_so_far(context)}"
    )


def _changed_so_far(context: RotationContext) -> str:
    return _UNDER_WAY if context.is_rotating else "nothing has been changed yet"


def _allowed_action(context: RotationContext | None) -> GuardrailResult:
    if context is None or context.replacement_method is ReplacementMethod.ROTATION:
        return GuardrailResult(Action.ROTATE, Guardrail.NONE, ROTATION_STARTED)
    return GuardrailResult(
        Action.FAIL_OVER, Guardrail.NONE, "the managed secret is to contain another key that works"
    )


def _refuse(guardrail: Guardrail, reason: str, changed: str) -> GuardrailResult:
    retried = "it is tried again while the incident is open"
    return GuardrailResult(Action.REFUSE, guardrail, f"{reason}; {changed}, and {retried}")


def _notify(guardrail: Guardrail, reason: str) -> GuardrailResult:
    return GuardrailResult(Action.NOTIFY, guardrail, reason)
