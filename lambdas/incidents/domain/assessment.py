"""What was found of an incident when it was last judged, as far as later alerts and events need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.decisions.domain.guardrails import Action, Guardrail
    from lambdas.diagnosis.domain.cause import Cause, Severity
    from lambdas.diagnosis.domain.diagnosis import Confidence


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """`owner_name`, `owner_id` and `contact` are empty where nothing names them; `region` and `service` are
    those of the call by which the incident was judged, in the caller's words.
    """

    cause: Cause
    confidence: Confidence
    action: Action
    guardrail: Guardrail
    severity: Severity
    owner_name: str
    owner_id: str
    contact: str
    region: str
    service: str
