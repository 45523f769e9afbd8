"""What CloudTrail's record of a key's creation shows of the secret that the key was created for."""

from __future__ import annotations

import hashlib

from lambdas.aws.domain.principals import OWN_CREATION_AGENT


def creation_agent(secret_name: str) -> str:
    """A word of a user agent. Anybody may send it, so it counts only in calls of the rotation's own role."""
    return f"{OWN_CREATION_AGENT}/{hashlib.sha256(secret_name.encode()).hexdigest()}"
