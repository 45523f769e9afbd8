"""A decision: what is done about a diagnosis, and which guardrail determined it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lambdas.aws.domain.iam import KEYS_ALLOWED, ListedKey
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.alternative_modes import describe_alternative_modes
from lambdas.decisions.domain.approval_commands import approve_replacement, return_borrowed_key
from lambdas.decisions.domain.guardrails import (
    ROTATION_STARTED,
    Action,
    Guardrail,
    GuardrailResult,
    apply_guardrails,
    consumer_is_stale,
    own_key_test,
)
from lambdas.decisions.domain.severity import rate_severity
from lambdas.diagnosis.domain.cause import Severity
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis, Remedy, RemedyKind
from lambdas.diagnosis.domain.remedies import (
    delete_inactive_key,
    remove_key,
    remove_pending_label,
    rotate_again,
)
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.rotation_context import RotationContext
from lambdas.text import is_secret_name, sanitize, sanitize_name, sanitize_prose, sanitize_secret_name

_IF_OF_NO_HELP = {
    Action.ROTATE: "If the rotation fails",
    Action.FAIL_OVER: "If the callers cannot use the key in the secret",
    Guardrail.CONSUMER_IS_STALE: "If the callers cannot use the key in the secret",
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    action: Action
    guardrail: Guardrail
    severity: Severity
    reason: str  # a clause, safe to print
    remedies: tuple[Remedy, ...] = ()  # about the decision itself

    def remedies_with(self, diagnosis: Diagnosis) -> tuple[Remedy, ...]:
        """Where the decision replaced the key, or found it replaced, a person changes something only if that
        does not help.
        """
        condition = _IF_OF_NO_HELP.get(self.action) or _IF_OF_NO_HELP.get(self.guardrail)
        if self.remedies or condition is None:
            return (*self.remedies, *diagnosis.remedies)
        return tuple(
            remedy.only(condition) if remedy.kind is RemedyKind.CHOICE else remedy
            for remedy in diagnosis.remedies
        )


def decide(
    case: Case, diagnosis: Diagnosis, *, exempt: str = "", trusts_all_actors: bool = False
) -> Decision:
    """`exempt` describes the exemptions that apply, and is empty if there are none. `trusts_all_actors`: a
    key that somebody other than a listed automation deactivated or deleted is replaced without approval.
    """
    result = own_key_test(diagnosis.cause, case.signal.caller.user_agent) or apply_guardrails(
        diagnosis.cause,
        case.evidence,
        exposed=diagnosis.exposes_secret,
        exempt=exempt,
        trusts_all_actors=trusts_all_actors,
    )
    if result.guardrail is Guardrail.MODE_NOTIFY:
        alternatives = describe_alternative_modes(case, diagnosis, trusts_all_actors=trusts_all_actors)
        result = result._replace(reason=f"{alternatives}; {result.reason}")
    return make_decision(case, diagnosis, result)


def make_decision(case: Case, diagnosis: Diagnosis, result: GuardrailResult) -> Decision:
    """A decision that follows a guardrail's result without asking the guardrails again."""
    needs_approval, context = result.action is Action.REQUEST_APPROVAL, case.evidence.rotation_context
    return Decision(
        action=result.action,
        guardrail=result.guardrail,
        severity=rate_severity(case, diagnosis, result.action),
        reason=_with_borrowers(result.reason, context),
        remedies=(approve_replacement(context),) if needs_approval and context else (),
    )


def with_removable_keys(
    decision: Decision, case: Case, held: Sequence[str], origins: Sequence[str]
) -> Decision:
    """Adds the choice which key to remove, if the owner has no free slot. `held` describes each key, and
    `origins` are clauses about who created them.
    """
    owner = case.evidence.owner
    if owner is None:
        return decision
    keys = case.evidence.listed_keys[:KEYS_ALLOWED]
    holds = f"{sanitize_name(owner.name)} holds {sanitize_prose(' and '.join(held))}"
    return replace(
        decision,
        reason="; ".join((decision.reason, holds, *map(sanitize_prose, origins))),
        remedies=tuple(_free_a_slot(owner.name, key) for key in keys),
    )


def _free_a_slot(user_name: str, key: ListedKey) -> Remedy:
    if key.is_active:
        return remove_key(user_name, key.access_key_id)
    return delete_inactive_key(user_name, key.access_key_id).as_choice


def change_not_started(case: Case, diagnosis: Diagnosis, why: str, *, blocked_by: str = "") -> Decision:
    """For a rotation or fail-over that was decided on but could not be started. `blocked_by` is the version
    whose AWSPENDING label blocks the rotation.
    """
    reason = f"a change was due, but its start could not be confirmed ({sanitize(why, 200)})"
    decision = make_decision(case, diagnosis, GuardrailResult(Action.REFUSE, Guardrail.NOT_STARTED, reason))
    context = case.evidence.rotation_context
    if context is None or not is_secret_name(blocked_by):
        return decision
    unblock = remove_pending_label(context.secret_name, blocked_by).as_choice
    return replace(decision, remedies=(unblock, rotate_again(context.secret_name)))


def rotation_started(case: Case, diagnosis: Diagnosis) -> Decision:
    """Also for a repeated message, whose own rotation is already running."""
    return make_decision(case, diagnosis, GuardrailResult(Action.ROTATE, Guardrail.NONE, ROTATION_STARTED))


def fail_over_finished(case: Case, diagnosis: Diagnosis, done: FailOverResult) -> Decision:
    """For a secret that contains another working key now, or contained one before."""
    context = case.evidence.rotation_context
    name = context.secret_name if context else ""
    if not done.changed:
        return make_decision(case, diagnosis, consumer_is_stale(name, done.access_key_id))
    result = GuardrailResult(Action.FAIL_OVER, Guardrail.NONE, _describe_fail_over(name, done))
    decision = make_decision(case, diagnosis, result)
    return replace(decision, remedies=(return_borrowed_key(name),)) if done.lender else decision


def _describe_fail_over(secret_name: str, done: FailOverResult) -> str:
    secret, key, since = sanitize_secret_name(secret_name), done.access_key_id, moment(done.since)
    if not done.lender:
        return (
            f"{secret} has contained its previous key {key} again since {since}; that key will not be retired"
        )
    lender = sanitize_name(done.lender)
    return (
        f"{secret} has contained key {key} of the backup user {lender} since {since};"
        " the next rotation returns it"
    )


def _with_borrowers(reason: str, context: RotationContext | None) -> str:
    borrowers = context.lent_to if context else ()
    return f"{reason}; the key is lent to {' and '.join(borrowers)}" if borrowers else reason
