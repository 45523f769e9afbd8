"""A burst against the rate at which SNS takes e-mail: 200 incidents open at once, and close in one minute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.alerting.adapters.alert_turns import DynamoAlertTurns
from lambdas.remediation.due_incidents import process_due_incidents
from tests.contract.incidents.test_incidents import a_group
from tests.support.builders import NOON, POLICY, a_signal, key_id
from tests.support.fakes import FakeBus, FakeIam, World
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.alerting.domain.alert import Alert
    from lambdas.aws.adapters.clients import Clients
    from lambdas.remediation.pipeline import Remediator

INCIDENTS = 200
KEYS = [key_id(number + 1) for number in range(INCIDENTS)]
PER_SECOND = 10  # https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
TIMER_SECONDS = 40
SECOND = timedelta(seconds=1)


@dataclass
class Mailbox:
    """An e-mail subscription: suspended for good when it gets more than 10 messages in a second."""

    account: Account
    received: list[tuple[datetime, Alert]] = field(default_factory=list)
    suspended: bool = False

    def publish(self, alert: Alert) -> None:
        self.account.now += timedelta(milliseconds=10)
        self.received.append((self.account.now, alert))
        within = [at for at, _ in self.received if at > self.account.now - SECOND]
        self.suspended |= len(within) > PER_SECOND

    def subjects_of(self, key: str) -> list[str]:
        return [alert.subject for _, alert in self.received if key in alert.body]


@dataclass
class FastBus(FakeBus):
    """Every call takes ten milliseconds, as on AWS."""

    account: Account | None = None

    def put(self, detail: Mapping[str, object]) -> None:
        assert self.account
        self.account.now += timedelta(milliseconds=10)
        super().put(detail)


class Account:
    def __init__(self, clients: Clients, *, paced: bool = True) -> None:
        create_lease_table(clients)
        self.world = World(iam=FakeIam(users={f"user-of-{key}": {key: "Inactive"} for key in KEYS}))
        self.world.bus = FastBus(account=self)
        self.mailbox = Mailbox(self)
        self.turns = DynamoAlertTurns(clients, "Leases", clock=lambda: self.now, sleep=self._sleep)
        self.paced = paced

    @property
    def now(self) -> datetime:
        return self.world.incidents.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.world.incidents.now = now

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def remediator(self) -> Remediator:
        delivery = replace(self.world.delivery, topic=self.mailbox)
        if self.paced:
            delivery = replace(delivery, wait_for_turn=self.turns.wait)
        return replace(self.world.remediator, delivery=delivery)

    def run_timer(self) -> None:
        began = self.now
        outcome = process_due_incidents(
            self.remediator, lambda: TIMER_SECONDS - (self.now - began).total_seconds()
        )
        assert outcome.failures == []
        assert self.now - began < timedelta(seconds=TIMER_SECONDS)
        self.now = max(self.now, began + timedelta(minutes=1))


def all_open_and_close(account: Account) -> None:
    """All within a second, by five workers: each has its own time, of which the account's clock shows one."""
    workers = [account.now] * 5
    for key in KEYS:
        workers.sort()
        account.now = workers[0]
        account.remediator.remediate(a_group(a_signal(key)))
        workers[0] = account.now
    account.now = max(workers)
    for _ in range(3):
        account.run_timer()
    account.now = NOON + POLICY.quiet + timedelta(minutes=10)
    for _ in range(3):
        account.run_timer()


def test_200_incidents_that_open_and_close_together_suspend_no_e_mail_and_lose_no_alert(
    clients: Clients,
) -> None:
    account = Account(clients)
    all_open_and_close(account)
    assert not account.mailbox.suspended
    assert {reason for _, reason in account.world.refusals} == {"other alerts are being sent"}
    for key in KEYS:
        opened, closed = account.mailbox.subjects_of(key)
        assert ", closed: " not in opened
        assert ", closed: " in closed
    assert len(account.mailbox.received) == 2 * INCIDENTS
    assert {incident.alerts_sent for incident in account.world.incidents.items.values()} == {2}


def test_without_turns_the_same_burst_would_suspend_the_subscription(clients: Clients) -> None:
    account = Account(clients, paced=False)
    all_open_and_close(account)
    assert account.mailbox.suspended
