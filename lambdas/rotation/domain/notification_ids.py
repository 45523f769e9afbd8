"""What came of a rotation, by names that are the same for whoever finds it: the rotation function that took
the steps, and Secrets Manager's own records of them.
"""

from __future__ import annotations

from datetime import timedelta

_SUFFIX_LENGTH = len("-AbCdEf")

# Secrets Manager tries a rotation again, several times within minutes, so what may pass is told once it has
# lasted. Its own records come at each attempt, with no reason: they are told later still, where nobody has
# told more by then. Neither the number of attempts nor the time between them is documented.
PERSISTS_AFTER = timedelta(minutes=5)
NOT_TOLD_AFTER = timedelta(minutes=8)


def succeeded_id(secret_name: str, token: str) -> str:
    return f"rotation:{secret_name}:{token}:succeeded"


def failed_id(secret_name: str, token: str) -> str:
    """One for all attempts of the rotation."""
    return f"rotation:{secret_name}:{token}:failed"


def secret_name_of(secret: str) -> str:
    """Of an ARN, which ends in the name, a hyphen and six characters (Secrets Manager user guide, "What's in
    a secret"); a name stays as it is.
    """
    if not secret.startswith("arn:"):
        return secret
    return secret.split(":", 6)[-1][:-_SUFFIX_LENGTH]
