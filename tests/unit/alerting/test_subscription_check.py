"""Once a day the subscriptions are checked, and what is missing is reported where somebody can read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.alerting.domain.subscriptions import (
    DeployedSubscriptions,
    ListedSubscription,
    PeopleTopic,
    digest_of,
    masked,
)
from lambdas.alerting.subscription_check import SubscriptionCheck
from lambdas.errors import TransientError
from tests.support.builders import HOME, NOON
from tests.support.fakes import FakeTopic

if TYPE_CHECKING:
    from collections.abc import Iterable

ALERTS, OPERATIONS = PeopleTopic.ALERTS, PeopleTopic.OPERATIONS
DAY = timedelta(days=1)
ENDPOINTS = {ALERTS: "alice@example.com", OPERATIONS: "oscar@example.com"}
DEPLOYED = DeployedSubscriptions(
    by_topic={
        topic: {digest_of("email", endpoint): masked("email", endpoint)}
        for topic, endpoint in ENDPOINTS.items()
    },
    since=NOON,
)


@dataclass
class Setup:
    confirmed: Iterable[PeopleTopic] = ()
    now: datetime = NOON + DAY
    due: bool = True
    completed: int = 0
    fails: bool = False
    topics: dict[PeopleTopic, FakeTopic] = field(
        default_factory=lambda: {topic: FakeTopic() for topic in PeopleTopic}
    )

    def claim(self) -> bool:
        return self.due

    def complete(self) -> None:
        self.completed += 1

    def listed(self, topic: PeopleTopic) -> list[ListedSubscription]:
        if self.fails:
            raise TransientError("sns:ListSubscriptionsByTopic: Throttled")
        confirmed = topic in self.confirmed
        return [ListedSubscription(protocol="email", endpoint=ENDPOINTS[topic], confirmed=confirmed)]

    def run(self) -> list[PeopleTopic]:
        check = SubscriptionCheck(
            schedule=self,
            deployed=lambda: DEPLOYED,
            listed=self.listed,
            topics=self.topics,
            topic_arns={topic: f"arn:aws:sns:us-east-1:123456789012:{topic}" for topic in PeopleTopic},
            deployment=HOME,
            grace=DAY,
            clock=lambda: self.now,
        )
        return [status.topic for status in check.run_if_due()]

    @property
    def reported_on(self) -> list[PeopleTopic]:
        return [topic for topic, fake in self.topics.items() if fake.alerts]


@pytest.mark.parametrize(
    ("confirmed", "incomplete", "reported_on"),
    [
        ((ALERTS, OPERATIONS), [], []),
        ((OPERATIONS,), [ALERTS], [OPERATIONS]),
        ((ALERTS,), [OPERATIONS], [ALERTS]),
        ((), [OPERATIONS, ALERTS], []),
    ],
)
def test_what_is_missing_is_reported_on_a_topic_that_still_has_a_confirmed_subscription(
    confirmed: tuple[PeopleTopic, ...], incomplete: list[PeopleTopic], reported_on: list[PeopleTopic]
) -> None:
    setup = Setup(confirmed=confirmed)
    assert setup.run() == incomplete
    assert setup.reported_on == reported_on
    assert setup.completed == 1


def test_a_day_is_given_to_confirm_what_was_deployed() -> None:
    setup = Setup(confirmed=(ALERTS,), now=NOON + DAY - timedelta(seconds=1))
    assert setup.run() == []
    assert (setup.reported_on, setup.completed) == ([], 1)


def test_nothing_is_read_before_a_check_is_due() -> None:
    setup = Setup(due=False, fails=True)
    assert (setup.run(), setup.completed) == ([], 0)


def test_a_check_that_fails_reports_nothing_as_missing_and_stays_due() -> None:
    setup = Setup(fails=True)
    with pytest.raises(TransientError):
        setup.run()
    assert (setup.reported_on, setup.completed) == ([], 0)


def test_a_report_that_sns_does_not_accept_is_made_again() -> None:
    setup = Setup(confirmed=(ALERTS,))
    setup.topics[ALERTS].fails = True
    with pytest.raises(TransientError):
        setup.run()
    assert setup.completed == 0
