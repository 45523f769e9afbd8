"""A settlement: what a worker found and told of the incident it had claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.incidents.domain.finding import Finding
    from lambdas.incidents.domain.incident import Incident


@dataclass(frozen=True, kw_only=True)
class IncidentUpdate:
    """`incident` carries what has been told by now, and what is unsent. `finding` is None where the incident
    was not judged. `due_at` is when to look at it again, None for never.
    """

    incident: Incident
    finding: Finding | None = None
    due_at: datetime | None = None
