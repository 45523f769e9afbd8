"""Executes a decision: starts a rotation or a fail over, at most once for an incident."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count

from lambdas.aws.ports import Keys
from lambdas.decisions.domain.decision import (
    Decision,
    change_not_started,
    decide,
    fail_over_finished,
    make_decision,
    rotation_started,
    with_removable_keys,
)
from lambdas.decisions.domain.guardrails import Action, Guardrail, budget_was_spent
from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
from lambdas.errors import PermanentError, TransientError
from lambdas.incidents.domain.incident import Incident
from lambdas.ledger.key_origins import describe_origins
from lambdas.ledger.last_use import describe_keys
from lambdas.ledger.ports import Ledger
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.rotation_context import ReplacementMethod, RotationContext
from lambdas.rotation.ports import (
    BlockedError,
    BudgetSpentError,
    FailOver,
    ReadRotations,
    RefusedError,
    RotationBudget,
    RotationStarter,
)

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # arbitrary, but must never change
# The guardrails that an incident's own rotation or fail over triggers when the incident is evaluated again.
_CAUSED_BY_ITSELF = frozenset(
    {Guardrail.COOLDOWN, Guardrail.BUDGET, Guardrail.NO_SLOT, Guardrail.CONSUMER_IS_STALE}
)


@dataclass(kw_only=True, eq=False, repr=False)
class DecisionExecutor:
    starter: RotationStarter
    fail_over: FailOver
    rotations: ReadRotations
    budget: RotationBudget
    keys: Keys
    ledger: Ledger

    def execute(self, incident: Incident, case: Case, diagnosis: Diagnosis, decision: Decision) -> Decision:
        """Returns what was done. A change that could not be started is a decision to refuse, not an error, so
        that the alert is sent.
        """
        done = self._execute(incident, case, diagnosis, decision)
        return self._with_removable_keys(case, done) if done.guardrail is Guardrail.NO_SLOT else done

    def _with_removable_keys(self, case: Case, decision: Decision) -> Decision:
        """Looks up the last use of the other keys and their creators, which no other decision needs."""
        key, successor = case.evidence.key, case.evidence.successor
        known = {key.access_key_id: case.evidence.last_use} if key else {}
        known |= {successor.access_key_id: successor.last_use} if successor else {}
        held = describe_keys(self.keys, case.evidence.listed_keys, known)
        return with_removable_keys(decision, case, held, self._origins(case))

    def _origins(self, case: Case) -> list[str]:
        owner, context = case.evidence.owner, case.evidence.rotation_context
        if owner is None or context is None:
            return []
        held = {key.access_key_id for key in case.evidence.listed_keys}
        state = self.rotations.read(context.secret_name)
        return describe_origins(self.ledger, owner.name, held, state.has_created)

    def _execute(self, incident: Incident, case: Case, diagnosis: Diagnosis, decision: Decision) -> Decision:
        context = case.evidence.rotation_context
        if context is None:
            return decision
        try:
            return self._start(incident, context, case, diagnosis, decision)
        except BudgetSpentError:
            return make_decision(case, diagnosis, budget_was_spent())
        except BlockedError as error:
            return change_not_started(case, diagnosis, str(error), blocked_by=error.version)
        except (TransientError, PermanentError) as error:
            return change_not_started(case, diagnosis, str(error))

    def _start(
        self,
        incident: Incident,
        context: RotationContext,
        case: Case,
        diagnosis: Diagnosis,
        decision: Decision,
    ) -> Decision:
        if _is_unreported(incident) and decision.guardrail in _CAUSED_BY_ITSELF:
            return self._executed_before(incident, context, case, diagnosis) or decision
        if decision.action is Action.FAIL_OVER:
            return self._fail_over(incident, context, case, diagnosis)
        if decision.action is Action.ROTATE:
            owner, state = case.evidence.owner, self.rotations.read(context.secret_name)
            token = rotation_token(incident, state.abandoned)
            self.budget.spend(token, owner.user_id if owner else "")
            self.starter.start(context.secret_name, token)
        return decision

    def _fail_over(
        self, incident: Incident, context: RotationContext, case: Case, diagnosis: Diagnosis
    ) -> Decision:
        """If the other key cannot be used, decides again without it. Consent to the fail over is consent to
        what replaces it.
        """
        secret, token = context.secret_name, rotation_token(incident)
        try:
            if context.replacement_method is ReplacementMethod.BACKUP and context.backup:
                done = self.fail_over.to_backup(secret, context.backup.user_name, token)
            else:
                done = self.fail_over.to_previous(secret, token)
        except RefusedError as error:
            other = _without_method(case, context)
            decision = decide(other, diagnosis, trusts_all_actors=True)
            instead = self._execute(incident, other, diagnosis, decision)
            return replace(instead, reason=f"{instead.reason} (no fail-over: {error})")
        return fail_over_finished(case, diagnosis, done)

    def _executed_before(
        self, incident: Incident, context: RotationContext, case: Case, diagnosis: Diagnosis
    ) -> Decision | None:
        """None unless a rotation or fail over of this incident has been started. The budget counts a rotation
        right before its start, and its state knows it some seconds later: in between a worker may have died,
        so the rotation is started again, which does nothing if it was started.
        """
        secret = context.secret_name
        try:
            state = self.rotations.read(secret)
            token = rotation_token(incident, state.abandoned)
            is_known = state.knows_rotation(token)
            is_counted = is_known or self.budget.was_spent_by(token)
        except TransientError:
            return None  # the alert names the guardrail, and no more
        if is_counted and not is_known:
            self.starter.start(secret, token)
        if is_counted:
            return rotation_started(case, diagnosis)
        if state.fail_over is None or not state.has_failed_over(rotation_token(incident)):
            return None
        lender = state.loan.lender if state.loan else ""
        done = FailOverResult(access_key_id=state.current_key_id, since=state.fail_over.at, lender=lender)
        return fail_over_finished(case, diagnosis, done)


def _is_unreported(incident: Incident) -> bool:
    """Whether the incident may have started a rotation or fail over that no evaluation has saved."""
    return incident.latest is None or incident.latest.action is Action.REFUSE


def _without_method(case: Case, context: RotationContext) -> Case:
    if context.replacement_method is ReplacementMethod.BACKUP:
        other = replace(context, backup=None)
    else:
        other = replace(context, previous=None)
    return replace(case, evidence=replace(case.evidence, rotation_context=other))


def rotation_token(incident: Incident, abandoned: Collection[str] = ()) -> str:
    """The same whenever the incident is processed again, so that it starts one rotation at most. Another one
    once the rotations before were abandoned.
    """
    attempts = (f"#{number}" if number > 1 else "" for number in count(1))
    tokens = (str(uuid.uuid5(_NAMESPACE, incident.incident_id + attempt)) for attempt in attempts)
    return next(token for token in tokens if token not in abandoned)
