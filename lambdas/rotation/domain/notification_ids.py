"""The ids of notifications about a rotation. They are the same for whoever finds its result: the rotation
function that ran the steps, and the records of Secrets Manager itself.
"""

from __future__ import annotations

from datetime import timedelta

# Secrets Manager retries a rotation several times within minutes, so a failure that may pass is reported once
# it has lasted. Its own records come at each attempt, without a reason: they are reported later still, unless
# the function has reported the failure. Neither the number of attempts nor their interval is documented.
PERSISTS_AFTER = timedelta(minutes=5)
UNREPORTED_AFTER = timedelta(minutes=8)


def succeeded_id(secret_name: str, token: str) -> str:
    return f"rotation:{secret_name}:{token}:succeeded"


def failed_id(secret_name: str, token: str) -> str:
    """One for all attempts of the rotation."""
    return f"rotation:{secret_name}:{token}:failed"
