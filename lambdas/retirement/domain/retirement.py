"""What happens to a replaced key: kept, deactivated, deleted, or reactivated.

A consumer may use its old key for long, and rarely. So the key is deactivated only when its grace period is
over, the new key has been used, and the old one was unused for longer than ever before between two uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lambdas.aws.domain.iam import LastUse, ListedKey
from lambdas.rotation.domain.rotation_state import Superseded

# IAM reports a key's last use to a quarter of an hour; and the tests of a new key end within it.
_RESOLUTION = timedelta(minutes=15)
# A job may be late by as much of its pause, and some months are a tenth longer than others. The quiet time
# is a pause too: IAM reports a last use too early, so a job on time would come just too late.
_LATENESS = 0.25
_REMINDER_INTERVAL = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class RetirementPolicy:
    grace: timedelta  # how long a replaced key stays active at least
    quiet: timedelta  # the pause of the jobs that are kept at least: it is deactivated after a longer one
    until_deletion: timedelta  # how long it stays inactive before it is deleted
    unused_for: timedelta  # after which an inactive key is unneeded, even if a person deactivated it
    reactivates: bool = False  # whether it is reactivated if calls with it fail
    user_grace: timedelta = timedelta()  # how long a replaced key of this user stays active at least

    @property
    def until_reminder(self) -> timedelta:
        """How long a key that is still in use is not looked at again."""
        return min(self.grace, _REMINDER_INTERVAL)


class Step(StrEnum):
    WAIT = "wait"
    REMIND = "remind"
    DEACTIVATE = "deactivate"
    ANNOUNCE = "announce"  # its deletion, unless somebody reactivates it
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
    current_key_id: str = ""  # the key in AWSCURRENT
    longest_pause: timedelta = timedelta()  # the longest known between two uses of the replaced key
    successor_is_alive: bool = True
    successor_is_borrowed: bool = False
    successor_since: datetime | None = None  # when a rotation promoted it
    deactivated_by_us: bool | None = None  # None without a record of who did it
    contained_at: datetime | None = None  # when a listed automation, and no person, deactivated the key
    lends: bool = False  # another secret contains a key of the same user
    returned_at: datetime | None = None  # when the last such loan was over
    has_failed_calls: bool = False  # since the key was deactivated
    failed_lately: bool = False  # calls with it, within the time after which it is unneeded
    unbound: str = ""  # why user and secret are no longer bound to each other
    guardrail: str = ""  # what forbids reactivating the key


def next_step(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    if facts.listed is None:
        return Step.STOP_TRACKING
    if facts.is_named:
        return _step_if_in_service(superseded, facts)
    if facts.lends:
        return Step.WAIT  # a borrower's use of the new key, and its test, look like a consumer's
    if facts.unbound:
        return Step.BLOCKED
    if not facts.listed.is_active:
        return _step_if_inactive(superseded, facts, policy, now)
    return _step_if_active(superseded, facts, policy, now)


def expected_pause(facts: RetirementFacts) -> timedelta:
    """For how long a consumer that is still there may leave the key unused. Zero without a known pause; a
    shorter one than IAM can report says nothing.
    """
    is_known = facts.longest_pause > _RESOLUTION
    return _with_lateness(facts.longest_pause) if is_known else timedelta()


def _with_lateness(pause: timedelta) -> timedelta:
    return pause * (1 + _LATENESS) if pause > _RESOLUTION else pause


def _step_if_in_service(superseded: Superseded, facts: RetirementFacts) -> Step:
    """A person may have moved AWSCURRENT back to the key in the moment in which we deactivated it."""
    is_current = facts.current_key_id == superseded.access_key_id
    is_active = facts.listed is not None and facts.listed.is_active
    is_ours = superseded.retiring_at is not None and facts.deactivated_by_us is not False
    if is_active or not is_current or not is_ours or facts.guardrail:
        return Step.STOP_TRACKING
    return Step.REACTIVATE if facts.deactivated_by_us else Step.WAIT


def _step_if_active(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    if superseded.announced_at or (superseded.deactivated_at and superseded.retiring_at):
        return Step.STOP_TRACKING  # somebody reactivated it
    if now < _grace_end(superseded, policy):
        return Step.WAIT
    if not _has_successor(superseded, facts, policy):
        return Step.REMIND
    if _is_quiet(facts, policy, now):
        return Step.DEACTIVATE
    return Step.REMIND if is_expected_again(superseded, facts, policy, now) else Step.WAIT


def _step_if_inactive(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    step = _step_by_deactivation(superseded, facts, policy, now)
    if step not in {Step.WAIT, Step.BLOCKED} or not is_left(superseded, facts, policy, now):
        return step
    if superseded.announced_at is None:
        return Step.ANNOUNCE
    return Step.DELETE if now >= superseded.announced_at + policy.until_deletion else step


def _step_by_deactivation(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> Step:
    """A key that a person deactivated is left to that person at first. One that an automation deactivated is
    deleted as if we had done it. An intent that is not known to have succeeded proves nothing.
    """
    if facts.contained_at:
        return _step_if_contained(superseded, facts, facts.contained_at, policy, now)
    is_ours = facts.deactivated_by_us or (superseded.deactivated_at and facts.deactivated_by_us is None)
    off_at = superseded.retiring_at or superseded.deactivated_at
    if off_at is None or not is_ours:
        return Step.WAIT
    if facts.has_failed_calls:
        return _step_if_missed(facts, policy)
    is_due = superseded.retiring_at and now >= superseded.retiring_at + policy.until_deletion
    return Step.DELETE if is_due else Step.WAIT


def is_left(superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime) -> bool:
    """Whether an inactive key takes one of its user's two slots and nobody misses it. A key that we
    deactivated is deleted earlier, unless calls with it fail.
    """
    unused_since = now - max(policy.unused_for, policy.until_deletion, expected_pause(facts))
    is_long_off = superseded.found_off_at is not None and superseded.found_off_at <= unused_since
    is_unused = facts.last_use is None or facts.last_use.at <= unused_since
    has_successor = facts.successor_is_alive and not facts.successor_is_borrowed
    return is_long_off and is_unused and not facts.failed_lately and has_successor


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
    is_due = now >= max(_grace_end(superseded, policy), contained_at + policy.until_deletion)
    is_unneeded = _has_successor(superseded, facts, policy) and _is_quiet(facts, policy, now)
    return Step.DELETE if is_due and is_unneeded and not facts.has_failed_calls else Step.WAIT


def _grace_end(superseded: Superseded, policy: RetirementPolicy) -> datetime:
    return max(superseded.retire_after, superseded.at + policy.user_grace)


def _has_successor(superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy) -> bool:
    """Whether the successor is used. One that is dead, or another user's, does not count: the old key may be
    needed again. A use counts once it can be neither a rotation's own test nor a borrower's.
    """
    moments = (superseded.at, facts.successor_since, facts.returned_at)
    used_since = max(it for it in moments if it) + min(_RESOLUTION, policy.quiet)
    is_used = facts.successor_use is not None and facts.successor_use.at >= used_since
    return is_used and facts.successor_is_alive and not facts.successor_is_borrowed


def _is_quiet(facts: RetirementFacts, policy: RetirementPolicy, now: datetime) -> bool:
    unused_since = now - max(_with_lateness(policy.quiet), expected_pause(facts))
    return facts.last_use is None or facts.last_use.at <= unused_since


def is_expected_again(
    superseded: Superseded, facts: RetirementFacts, policy: RetirementPolicy, now: datetime
) -> bool:
    """Whether a consumer has used the key since it was replaced, and not longer ago than it may pause."""
    use = facts.last_use
    if use is None or use.at < superseded.at + min(_RESOLUTION, policy.quiet):
        return False
    return use.at > now - max(policy.until_reminder, expected_pause(facts))
