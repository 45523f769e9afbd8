"""Notifications about a replaced key: it is still in use, was deactivated, deleted or reactivated.

Each is derived from the present facts and sent again by every run for a day, in case an earlier run crashed
before it sent it. The notification's id makes it one message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.aws.domain.iam import Caller, Usage
from lambdas.aws.domain.principals import is_own_test
from lambdas.aws.domain.wording import callers_shown, describe_usage, last_used, moment
from lambdas.aws.ports import TrailHistory
from lambdas.errors import TransientError
from lambdas.retirement.domain.retirement import RetirementPolicy, Step, is_expected_again
from lambdas.retirement.retirer import RetirementStep
from lambdas.rotation.domain.notification import Notification, NotificationKind, NotificationQueue

_CALLERS_SHOWN = 5
CATCH_UP_WINDOW = timedelta(days=1)  # for how long a notification is sent again


@dataclass(kw_only=True, eq=False, repr=False)
class RetirementNotifications:
    trail: TrailHistory
    failed_callers: Callable[[str], tuple[Caller, ...]]  # whose calls with the key failed
    notifications: NotificationQueue
    policy: RetirementPolicy
    clock: Callable[[], datetime]

    def send(self, done: RetirementStep) -> None:
        """Raises TransientError if the notification could not be handed over."""
        notification = self._notification_for(done)
        if notification is not None:
            self.notifications.send(notification)

    def _notification_for(self, done: RetirementStep) -> Notification | None:
        if done.step is Step.REMIND:
            return self._still_in_use(done)
        if done.step is Step.BLOCKED:
            return self._blocked(done)
        if self._is_deleted(done):
            return self._notification(NotificationKind.KEY_DELETED, done)
        if self._is_announced(done):
            return self._announced(done)
        if self._is_deactivated(done):
            return self._deactivated(done)
        return self._reactivated(done) if self._is_reactivated(done) else None

    def _is_deleted(self, done: RetirementStep) -> bool:
        """A run that was interrupted right after the deletion finds the key gone when its deletion is due."""
        began_at = done.record.announced_at or done.record.retiring_at
        is_due = began_at is not None and self.clock() >= began_at + self.policy.until_deletion
        return done.step is Step.DELETE or (is_due and done.facts.listed is None)

    def _is_announced(self, done: RetirementStep) -> bool:
        at = done.record.announced_at
        is_off = done.facts.listed is not None and not done.facts.listed.is_active
        return is_off and at is not None and at >= self.clock() - CATCH_UP_WINDOW

    def _is_deactivated(self, done: RetirementStep) -> bool:
        off_at = done.record.retiring_at
        if off_at is None or off_at < self.clock() - CATCH_UP_WINDOW:
            return False
        return done.step is Step.DEACTIVATE or _is_off_by_us(done)

    def _is_reactivated(self, done: RetirementStep) -> bool:
        was_off_at = done.record.deactivated_at
        if was_off_at is None or done.record.retiring_at is not None:
            return False
        is_recent = was_off_at >= self.clock() - self.policy.until_deletion - CATCH_UP_WINDOW
        is_active = done.facts.listed is not None and done.facts.listed.is_active
        return done.step is Step.REACTIVATE or (is_recent and is_active)

    def _still_in_use(self, done: RetirementStep) -> Notification:
        """Once a day, even if the grace period is shorter."""
        facts = (
            last_used(done.facts.last_use),
            *describe_usage(self._usage(done, done.record.at), "Still uses it"),
        )
        return self._notification(
            NotificationKind.KEY_WANTED,
            done,
            occasion=f"{self.clock():%Y-%m-%d}",
            facts=facts,
            reason=self._why_still_needed(done),
        )

    def _why_still_needed(self, done: RetirementStep) -> str:
        if not done.facts.successor_is_alive:
            return "AWSCURRENT contains no active key of the user"
        if done.facts.successor_is_borrowed:
            return "the secret contains a borrowed key of another user"
        if is_expected_again(done.record, done.facts, self.policy, self.clock()):
            return f"it was used after it had been replaced{_rhythm(done)}"
        return "its successor has not been used"

    def _usage(self, done: RetirementStep, since: datetime | None = None) -> tuple[Usage, ...] | None:
        """Without the rotation's own tests. None if the history does not answer, which must not delay the
        notification.
        """
        use = done.facts.last_use
        try:
            usage = self.trail.count_usage(done.access_key_id, [use.region] if use else [])
        except TransientError:
            return None
        return tuple(
            one
            for one in usage
            if (since is None or one.last_at >= since) and not is_own_test(one.caller.user_agent)
        )

    def _deactivated(self, done: RetirementStep) -> Notification:
        """AWS hardly ever records a call with an inactive key: one who misses it may remain unknown."""
        off_at = done.record.retiring_at or self.clock()
        deleted_at = moment(off_at + self.policy.until_deletion)
        return self._notification(
            NotificationKind.KEY_RETIRED,
            done,
            occasion=off_at.isoformat(),
            facts=(
                last_used(done.facts.last_use),
                *describe_usage(self._usage(done), "Used it before"),
                f"It is deleted after {deleted_at}. To keep it, reactivate it before then.",
            ),
            at=off_at,
        )

    def _announced(self, done: RetirementStep) -> Notification:
        at, off_at = done.record.announced_at or self.clock(), done.record.found_off_at or self.clock()
        deleted_at = moment(at + self.policy.until_deletion)
        return self._notification(
            NotificationKind.KEY_UNUSED,
            done,
            occasion=at.isoformat(),
            facts=(
                last_used(done.facts.last_use),
                f"It has been inactive since {moment(off_at)} or earlier.",
                f"It is deleted after {deleted_at}. To keep it, reactivate it before then.",
                "A key that you reactivate is not retired any more.",
            ),
            at=at,
        )

    def _reactivated(self, done: RetirementStep) -> Notification:
        occasion = (done.record.deactivated_at or self.clock()).isoformat()
        facts = self._failed_callers(done)
        return self._notification(NotificationKind.KEY_GIVEN_BACK, done, occasion=occasion, facts=facts)

    def _blocked(self, done: RetirementStep) -> Notification:
        """Once, until the key is deactivated again."""
        if done.facts.unbound:
            return self._notification(NotificationKind.KEY_LEFT, done, reason=done.facts.unbound)
        off_at = done.record.deactivated_at or done.record.retiring_at
        return self._notification(
            NotificationKind.KEY_KEPT_OFF,
            done,
            occasion=off_at.isoformat() if off_at else "",
            facts=self._failed_callers(done),
            reason=done.facts.guardrail,
        )

    def _failed_callers(self, done: RetirementStep) -> tuple[str, ...]:
        callers = self.failed_callers(done.access_key_id)[:_CALLERS_SHOWN]
        return tuple(f"Failed: {caller}." for caller in callers_shown(callers))

    def _notification(  # noqa: PLR0913 -- what differs from kind to kind
        self,
        kind: NotificationKind,
        done: RetirementStep,
        *,
        occasion: str = "",
        facts: tuple[str, ...] = (),
        reason: str = "",
        at: datetime | None = None,
    ) -> Notification:
        return Notification(
            notification_id=f"{kind}:{done.access_key_id}:{occasion}",
            kind=kind,
            at=at or self.clock(),
            secret_name=done.secret_name,
            user_name=done.user_name,
            access_key_id=done.access_key_id,
            reason=reason,
            facts=facts,
        )


def _rhythm(done: RetirementStep) -> str:
    days = round(done.facts.longest_pause.total_seconds() / 86_400)
    return f", and once {days} days passed between two uses of it" if days > 1 else ""


def _is_off_by_us(done: RetirementStep) -> bool:
    listed = done.facts.listed
    return listed is not None and not listed.is_active and done.facts.deactivated_by_us is True
