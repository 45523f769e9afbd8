"""What the hourly function tells of a replaced key: that it is still wanted, switched off, deleted, or given
back. It is found from how things are, and for a day by each run, so that one that died before it told is made
up for; each is told once all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.aws.domain.wording import caller_shown, describe_usage, last_used, moment
from lambdas.errors import TransientError
from lambdas.retirement.domain.retirement import Step
from lambdas.rotation.domain.notification import Notification, NotificationKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.aws.domain.iam import Caller, Usage
    from lambdas.aws.ports import TrailHistory
    from lambdas.retirement.retirer import RetirementStep
    from lambdas.rotation.domain.notification import NotificationQueue
    from lambdas.rotation.domain.retirement_policy import RetirementPolicy

_CALLERS_SHOWN = 5
_MADE_UP_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class RetirementNotifications:
    """`callers_of` names those whose calls with a key failed."""

    trail: TrailHistory
    callers_of: Callable[[str], tuple[Caller, ...]]
    notifications: NotificationQueue
    terms: RetirementPolicy
    clock: Callable[[], datetime]

    def send(self, retired: RetirementStep) -> None:
        """Raises TransientError where it cannot be told."""
        notification = self._notice_of(retired)
        if notification is not None:
            self.notifications.send(notification)

    def _notice_of(self, retired: RetirementStep) -> Notification | None:
        if retired.step is Step.REMIND:
            return self._wanted(retired)
        if retired.step is Step.BLOCKED:
            return self._held(retired)
        if self._is_deleted(retired):
            return self._notice(NotificationKind.KEY_DELETED, retired)
        if self._is_switched_off(retired):
            return self._retired(retired)
        return self._given_back(retired) if self._is_given_back(retired) else None

    def _is_deleted(self, retired: RetirementStep) -> bool:
        """By us, or as if by us: a run that died right after it finds the key gone."""
        off_at = retired.noted.retiring_at
        is_due = off_at is not None and self.clock() >= off_at + self.terms.until_deletion
        return retired.step is Step.DELETE or (is_due and retired.seen.listed is None)

    def _is_switched_off(self, retired: RetirementStep) -> bool:
        off_at = retired.noted.retiring_at
        if off_at is None or off_at < self.clock() - _MADE_UP_FOR:
            return False
        return retired.step is Step.DEACTIVATE or _is_left_off(retired)

    def _is_given_back(self, retired: RetirementStep) -> bool:
        was_off_at = retired.noted.deactivated_at
        if was_off_at is None or retired.noted.retiring_at is not None:
            return False
        lately = was_off_at >= self.clock() - self.terms.until_deletion - _MADE_UP_FOR
        return retired.step is Step.REACTIVATE or (lately and _is_active(retired))

    def _wanted(self, retired: RetirementStep) -> Notification:
        """Once a day, however short the grace is that the key is given each time."""
        facts = (last_used(retired.seen.last_use), *describe_usage(self._usage(retired), "Still uses it"))
        day = f"{self.clock():%Y-%m-%d}"
        why = self._why_wanted(retired)
        return self._notice(NotificationKind.KEY_WANTED, retired, occasion=day, facts=facts, reason=why)

    def _why_wanted(self, retired: RetirementStep) -> str:
        use = retired.seen.last_use
        if not retired.seen.successor_is_alive:
            return "the key that AWSCURRENT names does not work"
        if retired.seen.successor_is_borrowed:
            return "the secret carries another user's key for now"
        if use is not None and use.at > self.clock() - self.terms.quiet:
            return "it was used lately"
        return "its successor has not been used"

    def _usage(self, retired: RetirementStep) -> tuple[Usage, ...] | None:
        """Since it was replaced; None where the history cannot be asked, for which no reminder waits."""
        use = retired.seen.last_use
        try:
            usage = self.trail.count_usage(retired.access_key_id, [use.region] if use else [])
        except TransientError:
            return None
        return tuple(one for one in usage if one.last_at >= retired.noted.at and not _is_own_trial(one))

    def _retired(self, retired: RetirementStep) -> Notification:
        off_at = retired.noted.retiring_at or self.clock()
        deleted_at = moment(off_at + self.terms.until_deletion)
        facts = (f"It is deleted after {deleted_at}, unless calls with it fail before.",)
        occasion = off_at.isoformat()
        return self._notice(NotificationKind.KEY_RETIRED, retired, occasion=occasion, facts=facts, at=off_at)

    def _given_back(self, retired: RetirementStep) -> Notification:
        occasion = (retired.noted.deactivated_at or self.clock()).isoformat()
        facts = self._who_fails(retired)
        return self._notice(NotificationKind.KEY_GIVEN_BACK, retired, occasion=occasion, facts=facts)

    def _held(self, retired: RetirementStep) -> Notification:
        """Once, until it is switched off anew."""
        if retired.seen.unbound:
            return self._notice(NotificationKind.KEY_LEFT, retired, reason=retired.seen.unbound)
        off_at = retired.noted.deactivated_at or retired.noted.retiring_at
        return self._notice(
            NotificationKind.KEY_KEPT_OFF,
            retired,
            occasion=off_at.isoformat() if off_at else "",
            facts=self._who_fails(retired),
            reason=retired.seen.guardrail,
        )

    def _who_fails(self, retired: RetirementStep) -> tuple[str, ...]:
        callers = self.callers_of(retired.access_key_id)[:_CALLERS_SHOWN]
        return tuple(f"Failed: {caller_shown(caller)}." for caller in callers)

    def _notice(  # noqa: PLR0913 -- what differs from kind to kind
        self,
        kind: NotificationKind,
        retired: RetirementStep,
        *,
        occasion: str = "",
        facts: tuple[str, ...] = (),
        reason: str = "",
        at: datetime | None = None,
    ) -> Notification:
        return Notification(
            notification_id=f"{kind}:{retired.access_key_id}:{occasion}",
            kind=kind,
            at=at or self.clock(),
            secret_name=retired.secret_name,
            user_name=retired.user_name,
            access_key_id=retired.access_key_id,
            reason=reason,
            facts=facts,
        )


def _is_own_trial(usage: Usage) -> bool:
    """The key was tried before it was put into service."""
    return OWN_TEST_AGENT in usage.caller.user_agent


def _is_left_off(retired: RetirementStep) -> bool:
    listed = retired.seen.listed
    return listed is not None and not listed.is_active and retired.seen.switched_by_us is True


def _is_active(retired: RetirementStep) -> bool:
    return retired.seen.listed is not None and retired.seen.listed.is_active
