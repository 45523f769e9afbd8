"""What happens to a replaced key: kept, deactivated, deleted, or reactivated.

A consumer may use its old key for long. So the key is deactivated only when its grace period is over, the new
key has been used, and the old one has not been used for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.rotation.domain.rotation_state import Superseded

# IAM reports a key's last use to a quarter of an hour; and the tests of a new key end within it.
_RESOLUTION = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class RetirementPolicy:
    grace: timedelta  # how long a replaced key stays active at least
    quiet: timedelta  # how long it must not have been used before it is deactivated
    until_deletion: timedelta  # how long it stays inactive before it is deleted
    reactivates: bool = False  # whether it is reactivated if calls with it fail


class Step(StrEnum):
    WAIT = "wait"
    REMIND = "remind"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    REACTIVATE = "reactivate"
    STOP_TRACKING = "forget"  # the key is gone, current again, or somebody wants it
    BLOCKED = "hold"  # something forbids the next step, which is reported


@dataclass(frozen=True, kw_only=True)
class RetirementFacts:
    """What is known of a replaced key, and of its successor: the key that AWSCURRENT names."""

    listed: ListedKey | None  # None if the key is gone
    last_use: LastUse | None
    successor_use: LastUse | None
    is_named: bool  # by AWSCURRENT or AWSPENDING
    successor_is_alive: bool = True
    successor_is_borrowed: bool = False
    successor_since: datetime | None = None  # when a rotation promoted it
    deactivated_by_us: bool | None = None  # None without a record of who did it
    contained_at: datetime | None = None  # when a listed automation, and no person, deactivated the key
    lends: bool = False  # another secret contains a key of the same user
    returned_at: datetime | None = None  # when the last such loan was over
    has_failed_calls: bool = False  # since the key was deactivated
    unbound: str = ""  # why user and secret are no longer bound to each other
    guardrail: str = ""  # what forbids reactivating the key


def next_step(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    if facts.listed is None or facts.is_named:
        return Step.STOP_TRACKING
    if facts.lends:
        return Step.WAIT  # a borrower's use of the new key, and its test, look like a consumer's
    if facts.unbound:
        return Step.BLOCKED
    if not facts.listed.is_active:
        return _step_if_inactive(superseded, facts, policy, now)
    return _step_if_active(superseded, facts, policy, now)


def _step_if_active(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    if superseded.deactivated_at and superseded.retiring_at:
        return Step.STOP_TRACKING  # somebody reactivated it
    if now < superseded.retire_after:
        return Step.WAIT
    return Step.DEACTIVATE if _is_unneeded(superseded, facts, policy, now) else Step.REMIND


def _step_if_inactive(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    """A key that a person deactivated is left to that person. One that an automation deactivated is deleted
    as if we had done it.
    """
    if facts.contained_at:
        return _step_if_contained(superseded, facts, facts.contained_at, policy, now)
    off_at = superseded.retiring_at or superseded.deactivated_at
    if off_at is None or facts.deactivated_by_us is False:
        return Step.WAIT
    if facts.has_failed_calls:
        return _step_if_missed(facts, policy)
    is_due = superseded.retiring_at and now >= superseded.retiring_at + policy.until_deletion
    return Step.DELETE if is_due else Step.WAIT


def _step_if_missed(facts: RetirementFacts, policy: RetirementPolicy) -> Step:
    """The caller who misses the key may have stolen it."""
    if not facts.deactivated_by_us or not policy.reactivates:
        return Step.WAIT
    return Step.BLOCKED if facts.guardrail else Step.REACTIVATE


def _step_if_contained(
    superseded: Superseded,
    facts: RetirementFacts,
    contained_at: datetime,
    policy: RetirementPolicy,
    now: datetime,
) -> Step:
    is_due = now >= max(superseded.retire_after, contained_at + policy.until_deletion)
    may_delete = is_due and not facts.has_failed_calls and _is_unneeded(superseded, facts, policy, now)
    return Step.DELETE if may_delete else Step.WAIT


def _is_unneeded(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> bool:
    """Whether the successor is used, and the replaced key is not.

    A successor that is dead, or another user's, does not count: the old key may be needed again. Its use
    counts once it can be neither a rotation's own test nor a borrower's use.
    """
    moments = (superseded.at, facts.successor_since, facts.returned_at)
    used_since = max(it for it in moments if it) + min(_RESOLUTION, policy.quiet)
    is_used = facts.successor_use is not None and facts.successor_use.at >= used_since
    is_quiet = facts.last_use is None or facts.last_use.at <= now - policy.quiet
    return is_used and is_quiet and facts.successor_is_alive and not facts.successor_is_borrowed
