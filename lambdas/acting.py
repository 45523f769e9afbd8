"""Act: what was decided is done, once for an incident, whatever is delivered again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.decision import not_started
from lambdas.domain.errors import PermanentError, TransientError
from lambdas.domain.guardrails import Action

if TYPE_CHECKING:
    from lambdas.domain.decision import Decision
    from lambdas.domain.diagnosis import Case, Diagnosis
    from lambdas.domain.incident import Incident
    from lambdas.domain.rotation.ports import Budget, RotationStarter

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # any will do, as long as it stays


@dataclass(frozen=True, kw_only=True)
class Acting:
    starter: RotationStarter
    budget: Budget

    def act(self, incident: Incident, case: Case, diagnosis: Diagnosis, decision: Decision) -> Decision:
        """What came of it: a rotation that cannot be started is told as refused, rather than not at all."""
        enrolment = case.evidence.enrolment
        if decision.action is not Action.ROTATE or enrolment is None:
            return decision
        try:
            self.budget.spend()
            self.starter.start(enrolment.secret_name, rotation_token(incident))
        except (TransientError, PermanentError) as error:
            return not_started(case, diagnosis, str(error))
        return decision


def rotation_token(incident: Incident) -> str:
    """The same whenever the incident is worked off again, so that one rotation comes of it at most."""
    return str(uuid.uuid5(_NAMESPACE, incident.incident_id))
