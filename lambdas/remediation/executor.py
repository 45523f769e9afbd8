"""Act: what was decided is done, once for an incident, whatever is delivered again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from lambdas.decisions.domain.decision import (
    change_not_started,
    decide,
    fail_over_finished,
    rotation_started,
    with_removable_keys,
)
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.errors import PermanentError, TransientError
from lambdas.ledger.last_use import describe_keys
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.rotation_context import ReplacementMethod
from lambdas.rotation.ports import BlockedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambdas.aws.ports import Keys
    from lambdas.decisions.domain.decision import Decision
    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis
    from lambdas.incidents.domain.incident import Incident
    from lambdas.rotation.domain.rotation_context import RotationContext
    from lambdas.rotation.ports import FailOver, ReadRotations, RotationBudget, RotationStarter

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # any will do, as long as it stays
# What an incident's own rotation or fail over brings about, if its message is delivered once more.
_OWN_TRACES = frozenset(
    {Guardrail.COOLDOWN, Guardrail.BUDGET, Guardrail.NO_SLOT, Guardrail.CONSUMER_IS_STALE}
)


@dataclass(frozen=True, kw_only=True)
class DecisionExecutor:
    starter: RotationStarter
    fail_over: FailOver
    rotations: ReadRotations
    budget: RotationBudget
    keys: Keys

    def act(self, incident: Incident, case: Case, diagnosis: Diagnosis, decision: Decision) -> Decision:
        """What came of it: a change that cannot be begun is told as refused, rather than not at all."""
        done = self._act(incident, case, diagnosis, decision)
        return self._with_choices(case, done) if done.guardrail is Guardrail.NO_SLOT else done

    def _with_choices(self, case: Case, decision: Decision) -> Decision:
        """Asks for the last use of the other keys, which nobody needs to know where there is room."""
        key, successor = case.evidence.key, case.evidence.successor
        known = {key.access_key_id: case.evidence.last_use} if key else {}
        known |= {successor.access_key_id: successor.last_use} if successor else {}
        return with_removable_keys(decision, case, describe_keys(self.keys, case.evidence.listed_keys, known))

    def _act(self, incident: Incident, case: Case, diagnosis: Diagnosis, decision: Decision) -> Decision:
        enrolment = case.evidence.rotation_context
        if enrolment is None:
            return decision
        if incident.judged_at is None and decision.guardrail in _OWN_TRACES:
            return self._as_told_before(incident, enrolment, case, diagnosis) or decision
        try:
            if decision.action is Action.FAIL_OVER:
                return self._fail_over(incident, enrolment, case, diagnosis)
            if decision.action is Action.ROTATE:
                state = self.rotations.read(enrolment.secret_name)
                token = rotation_token(incident, state.abandoned)
                self.budget.spend(token)
                self.starter.start(enrolment.secret_name, token)
        except BlockedError as error:
            return change_not_started(case, diagnosis, str(error), blocked_by=error.version)
        except (TransientError, PermanentError) as error:
            return change_not_started(case, diagnosis, str(error))
        return decision

    def _fail_over(
        self, incident: Incident, enrolment: RotationContext, case: Case, diagnosis: Diagnosis
    ) -> Decision:
        """Where the other key does not do, it is decided anew without it."""
        secret, token = enrolment.secret_name, rotation_token(incident)
        try:
            if enrolment.replacement_method is ReplacementMethod.BACKUP and enrolment.backup:
                carried = self.fail_over.to_backup(secret, enrolment.backup.user_name, token)
            else:
                carried = self.fail_over.to_previous(secret, token)
        except RefusedError as error:
            other = _without_way(case, enrolment)
            # Consent to the fail over is consent to what takes its place.
            anew = self._act(incident, other, diagnosis, decide(other, diagnosis, trusts_all_actors=True))
            return replace(anew, reason=f"{anew.reason} (no fail over: {error})")
        return fail_over_finished(case, diagnosis, carried)

    def _as_told_before(
        self, incident: Incident, enrolment: RotationContext, case: Case, diagnosis: Diagnosis
    ) -> Decision | None:
        """None unless a rotation or fail over of this very incident has been begun."""
        try:
            state = self.rotations.read(enrolment.secret_name)
        except TransientError:
            return None  # the alert says what stands in the way, and no more
        if state.knows_rotation(rotation_token(incident, state.abandoned)):
            return rotation_started(case, diagnosis)
        if state.fail_over is None or not state.has_failed_over(rotation_token(incident)):
            return None
        lender = state.loan.lender if state.loan else ""
        carried = FailOverResult(access_key_id=state.current_key_id, since=state.fail_over.at, lender=lender)
        return fail_over_finished(case, diagnosis, carried)


def _without_way(case: Case, enrolment: RotationContext) -> Case:
    if enrolment.replacement_method is ReplacementMethod.BACKUP:
        other = replace(enrolment, backup=None)
    else:
        other = replace(enrolment, previous=None)
    return replace(case, evidence=replace(case.evidence, rotation_context=other))


def rotation_token(incident: Incident, abandoned: Collection[str] = ()) -> str:
    """The same whenever the incident is worked off again, so that one rotation comes of it at most; the next
    one where those before it have been given up.
    """
    attempts = (f"#{number}" if number > 1 else "" for number in count(1))
    tokens = (str(uuid.uuid5(_NAMESPACE, incident.incident_id + attempt)) for attempt in attempts)
    return next(token for token in tokens if token not in abandoned)
