"""Checks once a day whether the deployed subscriptions are confirmed, and reports those that are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.alerting.domain.subscription_alert import compose_subscription_alert
from lambdas.alerting.domain.subscriptions import (
    DeployedSubscriptions,
    ListedSubscription,
    PeopleTopic,
    TopicStatus,
    topic_status,
)
from lambdas.alerting.ports import AlertTopic, CheckSchedule
from lambdas.aws.domain.deployment import Deployment

# The message is about the remediator itself, so the operations topic comes first.
_BY_PREFERENCE = (PeopleTopic.OPERATIONS, PeopleTopic.ALERTS)


@dataclass(kw_only=True, eq=False, repr=False)
class SubscriptionCheck:
    schedule: CheckSchedule
    deployed: Callable[[], DeployedSubscriptions]
    listed: Callable[[PeopleTopic], Sequence[ListedSubscription]]
    topics: Mapping[PeopleTopic, AlertTopic]
    topic_arns: Mapping[PeopleTopic, str]
    deployment: Deployment
    grace: timedelta  # time to confirm after a deployment
    clock: Callable[[], datetime]

    def run_if_due(self) -> tuple[TopicStatus, ...]:
        """The topics that lack a subscription. Raises TransientError; the check is made again then."""
        if not self.schedule.claim():
            return ()
        deployed = self.deployed()
        statuses = tuple(topic_status(topic, deployed, self.listed(topic)) for topic in _BY_PREFERENCE)
        incomplete = tuple(status for status in statuses if not status.is_complete)
        if self.clock() < deployed.since + self.grace:
            incomplete = ()
        if incomplete:
            self._report(statuses, incomplete)
        self.schedule.complete()
        return incomplete

    def _report(self, statuses: Sequence[TopicStatus], incomplete: Sequence[TopicStatus]) -> None:
        """To nobody, if no topic has a confirmed subscription: then only the alarm shows it."""
        alert = compose_subscription_alert(incomplete, self.topic_arns, self.deployment)
        reached = [status.topic for status in statuses if status.confirmed]
        for topic in reached[:1]:
            self.topics[topic].publish(alert)
