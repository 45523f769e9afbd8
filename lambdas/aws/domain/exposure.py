"""AWS Health's word that an access key is in public, or in the hands of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# The event type codes of service RISK that name access keys.
EXPOSURES = frozenset(
    {
        "AWS_RISK_CREDENTIALS_EXPOSED",
        "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
        "AWS_RISK_CREDENTIALS_COMPROMISED",
        "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
    }
)
AWS_HEALTH = "AWS Health"


@dataclass(frozen=True, kw_only=True)
class Exposure:
    access_key_id: str
    event_type: str
    at: datetime
