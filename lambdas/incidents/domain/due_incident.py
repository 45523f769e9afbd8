"""An incident that the timer is to look after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.incidents.domain.incident import IncidentRef


@dataclass(frozen=True, kw_only=True)
class DueIncident:
    ref: IncidentRef
    since: datetime
