"""A round of the alert timer: what has become due is worked off, each incident failing alone. Each round
also sees that IAM's look-ups still work, so that a permission taken away raises an alarm by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.batch import SECONDS_FOR_AN_INCIDENT
from lambdas.domain.errors import TransientError
from lambdas.messages import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.pipeline import Remediator


def work_off_due(remediator: Remediator, seconds_left: Callable[[], float]) -> Outcome:
    """What fails, or there is no time for, stays due for the next round. Raises TransientError when what
    is due cannot be read.
    """
    outcome = Outcome()
    try:
        remediator.sources.iam.check_witness()
    except TransientError as error:
        outcome.failures.append(error)
    for key in remediator.incidents.due_rechecks():
        if seconds_left() < SECONDS_FOR_AN_INCIDENT:
            break
        try:
            finding = remediator.recheck(key)
        except Exception as error:  # noqa: BLE001 -- reported in failures; the others must go on
            outcome.failures.append(error)
        else:
            outcome.findings.extend([finding] if finding else [])
    return outcome
