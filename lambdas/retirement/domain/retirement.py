"""What becomes of a key that a rotation has replaced: kept, switched off, deleted, or given back.

A consumer may hold on to its old key for long. So the key goes only when its time is over, the new key has
been used, and the old one has been quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.aws.domain.iam import LastUse, ListedKey
    from lambdas.rotation.domain.retirement_policy import RetirementPolicy
    from lambdas.rotation.domain.rotation_state import Superseded

# IAM tells a key's last use to a quarter of an hour; and the trials of a new key end within it.
_RESOLUTION = timedelta(minutes=15)


class Step(StrEnum):
    """FORGET leaves the key to people: it is gone, in service again, or wanted by somebody. HOLD waits for
    what forbids the next step to pass, of which people are told.
    """

    WAIT = "wait"
    REMIND = "remind"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    REACTIVATE = "reactivate"
    STOP_TRACKING = "forget"
    BLOCKED = "hold"


@dataclass(frozen=True, kw_only=True)
class RetirementFacts:
    """`listed` is None where the key is gone. `in_service` says that a labelled version of the secret other
    than the previous one names it; `lends`, that another secret names a key of the same user, `returned_at`,
    when one last ceased to; `switched_by_us`, by a record, who switched it off, None while none tells;
    `contained_at`, when a listed automation did so, and no person; `fails`, that calls with it have failed
    since. The successor is what AWSCURRENT names: alive or not, another user's or not, and put into service
    when, if a rotation did it. `unbound` says why user and secret do not belong together any more, empty
    while they do; `guardrail`, what forbids to give the key back.
    """

    listed: ListedKey | None
    last_use: LastUse | None
    successor_use: LastUse | None
    in_service: bool
    successor_is_alive: bool = True
    successor_is_borrowed: bool = False
    successor_since: datetime | None = None
    switched_by_us: bool | None = None
    contained_at: datetime | None = None
    lends: bool = False
    returned_at: datetime | None = None
    fails: bool = False
    unbound: str = ""
    guardrail: str = ""


def next_step(superseded: Superseded, seen: RetirementFacts, terms: RetirementPolicy, now: datetime) -> Step:
    if seen.listed is None or seen.in_service:
        return Step.STOP_TRACKING
    if seen.lends:
        return Step.WAIT  # a borrower's use of the new key, and its trial, look like a consumer's
    if seen.unbound:
        return Step.BLOCKED
    if not seen.listed.is_active:
        return _of_an_inactive_key(superseded, seen, terms, now)
    return _of_an_active_key(superseded, seen, terms, now)


def _of_an_active_key(
    superseded: Superseded, seen: RetirementFacts, terms: RetirementPolicy, now: datetime
) -> Step:
    if superseded.deactivated_at and superseded.retiring_at:
        return Step.STOP_TRACKING  # somebody switched it on again
    if now < superseded.retire_after:
        return Step.WAIT
    return Step.DEACTIVATE if _has_moved(superseded, seen, terms, now) else Step.REMIND


def _of_an_inactive_key(
    superseded: Superseded, seen: RetirementFacts, terms: RetirementPolicy, now: datetime
) -> Step:
    """What a person switched off is left to that person; what an automation did goes as if we had done it."""
    if seen.contained_at:
        return _of_a_contained_key(superseded, seen, seen.contained_at, terms, now)
    off_at = superseded.retiring_at or superseded.deactivated_at
    if off_at is None or seen.switched_by_us is False:
        return Step.WAIT
    if seen.fails:
        return _of_a_missed_key(seen, terms)
    is_due = superseded.retiring_at and now >= superseded.retiring_at + terms.until_deletion
    return Step.DELETE if is_due else Step.WAIT


def _of_a_missed_key(seen: RetirementFacts, terms: RetirementPolicy) -> Step:
    """Whoever misses it may be who has stolen it."""
    if not seen.switched_by_us or not terms.reactivates:
        return Step.WAIT
    return Step.BLOCKED if seen.guardrail else Step.REACTIVATE


def _of_a_contained_key(
    superseded: Superseded,
    seen: RetirementFacts,
    contained_at: datetime,
    terms: RetirementPolicy,
    now: datetime,
) -> Step:
    is_over = now >= max(superseded.retire_after, contained_at + terms.until_deletion)
    may_go = is_over and not seen.fails and _has_moved(superseded, seen, terms, now)
    return Step.DELETE if may_go else Step.WAIT


def _has_moved(superseded: Superseded, seen: RetirementFacts, terms: RetirementPolicy, now: datetime) -> bool:
    """A successor that is dead has nobody moved to it, and the old key may be wanted back; to one that is
    another user's, nobody has moved for good. Its use counts once it cannot be one of the rotation's own
    trials, or a borrower's.
    """
    moments = (superseded.at, seen.successor_since, seen.returned_at)
    used_since = max(it for it in moments if it) + min(_RESOLUTION, terms.quiet)
    used = seen.successor_use is not None and seen.successor_use.at >= used_since
    quiet = seen.last_use is None or seen.last_use.at <= now - terms.quiet
    return used and quiet and seen.successor_is_alive and not seen.successor_is_borrowed
