"""The guardrails in the order in which they are asked: the first that applies decides."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.diagnosis.domain.cause import PREDICTIONS, Cause
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import ReplacementMethod
from lambdas.text import sanitize, sanitize_secret_name

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.rotation.domain.rotation_context import RotationContext

ROTATION_STARTED = "a rotation of the managed secret has been started"

BUDGET_SPENT = "the account's rotations of this hour are spent"


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
    NOT_ENROLLED = "not-enrolled"
    CONSUMER_IS_STALE = "consumer-is-stale"
    MODE_NOTIFY = "mode-notify"
    KILL_SWITCH = "kill-switch"
    COOLDOWN = "cooldown"
    BUDGET = "budget"
    NO_SLOT = "no-slot"
    BINDING = "binding"
    SWITCHED_OFF_BY_A_PERSON = "switched-off-by-a-person"
    MODE_APPROVE = "mode-approve"
    NOT_STARTED = "not-started"
    OWN_TRIAL = "own-trial"
    NONE = "none"


class GuardrailResult(NamedTuple):
    """`reason` is a clause for people."""

    action: Action
    guardrail: Guardrail
    reason: str


# The user of a deleted user's key is gone: there is nobody to make another key for, and the backup's alone
# can be lent.
_ROTATION_WOULD_MEND = frozenset(
    {
        Cause.SUPERSEDED_KEY,
        Cause.KEY_DELETED,
        Cause.KEY_INACTIVE,
        Cause.DEACTIVATED_IN_USE,
        Cause.DELETED_IN_USE,
    }
)

_OF_A_USER = _ROTATION_WOULD_MEND | PREDICTIONS | {Cause.USER_DELETED}


def rule(
    cause: Cause,
    evidence: Evidence,
    *,
    exposed: bool = False,
    exempt: str = "",
    rotates_whatever_switched_off: bool = False,
) -> GuardrailResult:
    """`exposed` says that the call itself gave a secret away; `exempt` is the clause that names the
    exemptions that apply, empty where none does.
    """
    enrolment, leaked = evidence.enrolment, bool(evidence.quarantine_policy)
    return (
        _before_any_exemption(cause, leaked=leaked)
        or _on_an_exemption("" if leaked or exposed else exempt)
        or _on_what_nothing_mends(cause)
        or _on_the_enrolment(cause, enrolment)
        or _on_what_forbids(enrolment)
        or _on_consent(enrolment, any_end=rotates_whatever_switched_off)
        or _what_is_due(enrolment)
    )


def own_trial(cause: Cause, user_agent: str) -> GuardrailResult | None:
    """A rotation tries its new key until AWS knows it. Whoever borrows the user agent hides no more by it
    than that a key less than a minute old is refused.
    """
    if cause is not Cause.KEY_NOT_PROPAGATED or OWN_TEST_AGENT not in user_agent:
        return None
    return GuardrailResult(Action.SUPPRESS, Guardrail.OWN_TRIAL, "a rotation is trying its new key")


def _before_any_exemption(cause: Cause, *, leaked: bool) -> GuardrailResult | None:
    if cause is Cause.NOT_A_KEY_FAILURE:
        return GuardrailResult(
            Action.SUPPRESS, Guardrail.NOT_A_KEY_FAILURE, "this is not the failure of a key"
        )
    if cause is Cause.QUARANTINED_KEY or (leaked and cause in PREDICTIONS):
        return _notify(
            Guardrail.QUARANTINED, "a leaked key is never replaced automatically; nothing was changed"
        )
    return None


def _on_an_exemption(exempt: str) -> GuardrailResult | None:
    return GuardrailResult(Action.SUPPRESS, Guardrail.EXEMPT, exempt) if exempt else None


def _on_what_nothing_mends(cause: Cause) -> GuardrailResult | None:
    if cause not in _OF_A_USER:
        return _notify(Guardrail.ROTATION_CANNOT_MEND, "no rotation can mend this; nothing was changed")
    return None


def _on_the_enrolment(cause: Cause, enrolment: RotationContext | None) -> GuardrailResult | None:
    if enrolment is None:
        return _notify(Guardrail.NOT_ENROLLED, "the owner is not enrolled for rotation; nothing was changed")
    if enrolment.live_key:
        return consumer_is_stale(enrolment.secret_name, enrolment.live_key)
    if cause not in _ROTATION_WOULD_MEND and enrolment.way is not ReplacementMethod.BACKUP:
        return _notify(Guardrail.ROTATION_CANNOT_MEND, "the user is gone; nothing was changed")
    if enrolment.effective_mode is Mode.NOTIFY:
        return _notify(Guardrail.MODE_NOTIFY, "the mode in effect is notify; nothing was changed")
    return None


def _on_what_forbids(enrolment: RotationContext | None) -> GuardrailResult | None:
    """Cooldown, budget and slots limit how many keys are made: a fail over makes none, and is wanted most
    right after a rotation, when both slots are held.
    """
    if enrolment is None:
        return None
    rotates = enrolment.way is ReplacementMethod.ROTATION
    what = "a rotation" if rotates else "a fail over"
    refusals = (
        (enrolment.stopped, Guardrail.KILL_SWITCH, "the kill switch is on"),
        (rotates and enrolment.in_cooldown, Guardrail.COOLDOWN, "the user's key was rotated only just now"),
        (rotates and enrolment.budget_spent, Guardrail.BUDGET, BUDGET_SPENT),
        (
            rotates and not enrolment.has_room,
            Guardrail.NO_SLOT,
            "the user holds two keys and neither may go",
        ),
        (bool(enrolment.flaw), Guardrail.BINDING, sanitize(enrolment.flaw, 200)),
    )
    return next(
        (
            GuardrailResult(Action.REFUSE, guardrail, f"{what} was due, but {reason}; nothing was changed")
            for holds, guardrail, reason in refusals
            if holds
        ),
        None,
    )


def _on_consent(enrolment: RotationContext | None, *, any_end: bool) -> GuardrailResult | None:
    if enrolment is None:
        return None
    if not (enrolment.switched_off_by_automation or any_end):
        reason = (
            f"somebody may have switched the key off to contain it: {_to_be_approved(enrolment)};"
            " nothing was changed yet"
        )
        return GuardrailResult(Action.REQUEST_APPROVAL, Guardrail.SWITCHED_OFF_BY_A_PERSON, reason)
    if enrolment.effective_mode is Mode.APPROVE:
        return GuardrailResult(
            Action.REQUEST_APPROVAL,
            Guardrail.MODE_APPROVE,
            "the mode in effect is approve; nothing was changed yet",
        )
    return None


def consumer_is_stale(secret_name: str, live_key: str) -> GuardrailResult:
    names = f"{sanitize_secret_name(secret_name)} names {live_key}, which works"
    return _notify(
        Guardrail.CONSUMER_IS_STALE, f"{names}: the caller has to read it anew; nothing was changed"
    )


def _to_be_approved(enrolment: RotationContext) -> str:
    return (
        f"a person has to approve {'a new' if enrolment.way is ReplacementMethod.ROTATION else 'another'} one"
    )


def _what_is_due(enrolment: RotationContext | None) -> GuardrailResult:
    if enrolment is None or enrolment.way is ReplacementMethod.ROTATION:
        return GuardrailResult(Action.ROTATE, Guardrail.NONE, ROTATION_STARTED)
    return GuardrailResult(
        Action.FAIL_OVER, Guardrail.NONE, "the managed secret is to carry another key that works"
    )


def _notify(guardrail: Guardrail, reason: str) -> GuardrailResult:
    return GuardrailResult(Action.NOTIFY, guardrail, reason)
