"""Fifty enrolled keys are deactivated at once, and ten rotations an hour are allowed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.aws.sqs_batch import Message
from lambdas.decisions.domain.guardrails import Guardrail
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.remediation.signal_batch import SignalBatch
from lambdas.rotation.adapters.rotation_budget import DynamoRotationBudget, HourlyLimits
from tests.support.builders import NOON, a_change, a_record, an_event, key_id
from tests.support.fakes import FakeDeadLetters, FakeIam, FakeRotationService, World
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdas.aws.adapters.clients import Clients
    from lambdas.remediation.outcome import RemediationOutcome

USERS = {f"user-{number:02}": key_id(number + 1) for number in range(50)}
BUDGET = 10
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEGIN = NOON + timedelta(minutes=25)


@dataclass
class BudgetedService(FakeRotationService):
    """With the budget on DynamoDB. A rotation that is started gives the consumer a key that works."""

    budget: DynamoRotationBudget | None = None
    rotated: list[str] = field(default_factory=list)

    def is_spent(self, user_id: str) -> bool:
        assert self.budget
        return self.budget.is_spent(user_id)

    def spend(self, token: str, user_id: str) -> None:
        assert self.budget
        self.budget.spend(token, user_id)

    def was_spent_by(self, token: str) -> bool:
        assert self.budget
        return self.budget.was_spent_by(token)

    def start(self, secret_name: str, token: str) -> None:
        super().start(secret_name, token)
        self.rotated.append(secret_name.removeprefix("access-keys/"))


@dataclass
class Storm:
    clients: Clients
    dead_letters: FakeDeadLetters = field(default_factory=FakeDeadLetters)

    def __post_init__(self) -> None:
        create_lease_table(self.clients)
        self.service = BudgetedService(
            tags={f"access-keys/{name}": {USER_ID_TAG: f"AIDA{name}"} for name in USERS},
            budget=DynamoRotationBudget(
                self.clients,
                "Leases",
                limits=HourlyLimits(account=BUDGET, user=2),
                clock=lambda: self.now,
            ),
        )
        iam = FakeIam(users={name: {key: "Inactive"} for name, key in USERS.items()})
        self.world = World(iam=iam, rotation=self.service)
        self.now = BEGIN
        deactivation = a_change("UpdateAccessKey", status="Inactive")
        for name, key in USERS.items():
            iam.tags[name] = {SECRET_TAG: f"access-keys/{name}", MODE_TAG: "auto"}
            self.world.trail.histories[key] = (replace(deactivation, by="assumed-role/Containment/x"),)

    @property
    def now(self) -> datetime:
        return self.world.incidents.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.world.incidents.now = now

    @property
    def dead(self) -> dict[str, str]:
        """The users whose calls fail, with their keys."""
        return {name: key for name, key in USERS.items() if name not in self.service.rotated}

    def fail_once(self, names: Sequence[str] = ()) -> RemediationOutcome:
        """A call of each user whose key is dead, in one batch of messages."""
        at = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        batch = SignalBatch(
            self.world.remediator.remediate,
            lambda _: False,
            self.dead_letters,
            lambda: 60,
            intake=self.world.intake,
        )
        return batch.process(
            [
                Message(message_id=name, body=an_event(a_record(key, eventTime=at)))
                for name, key in self.dead.items()
                if not names or name in names
            ]
        )

    def go_on_until(self, end: datetime) -> None:
        """Calls fail every ten minutes, and the timer runs every minute."""
        while self.now < end:
            self.now += MINUTE
            if self.now.minute % 10 == 0:
                assert not self.fail_once().to_retry
            outcome = process_due_incidents(self.world.remediator, lambda: 60)
            assert not outcome.failures

    def alerts(self) -> Counter[tuple[str, str]]:
        """How often each owner got each decision. An update on the number of calls names no new one."""
        alerts = [alert for alert in self.world.topic.alerts if "still refused" not in alert.subject]
        return Counter((one.attributes["owner"], one.attributes["decision"]) for one in alerts)


@pytest.fixture
def storm(clients: Clients) -> Storm:
    return Storm(clients)


def test_what_the_budget_held_back_is_rotated_when_the_next_hour_has_one(storm: Storm) -> None:
    storm.fail_once()
    for hours in range(5):
        storm.go_on_until(NOON + (hours + 1) * HOUR - MINUTE)
        assert len(storm.service.rotated) == BUDGET * (hours + 1), f"in hour {hours + 1}"
    assert sorted(storm.service.rotated) == sorted(USERS), "all, each once"
    assert not storm.dead_letters.rejected
    assert set(storm.alerts().values()) == {1}, "no alert comes twice"
    assert Counter(decision for _, decision in storm.alerts()) == {"refuse": 40, "rotate": 50}


def test_calls_that_stopped_meanwhile_do_not_end_the_wait_before_the_incident_ends(storm: Storm) -> None:
    storm.fail_once()
    for _ in range(60):
        storm.now += MINUTE
        process_due_incidents(storm.world.remediator, lambda: 60)
    assert len(storm.service.rotated) == 2 * BUDGET


@pytest.mark.parametrize("guardrail", [Guardrail.KILL_SWITCH, Guardrail.NOT_STARTED])
def test_what_a_switch_or_an_unanswered_start_held_back_is_rotated_once_it_is_free(
    storm: Storm, guardrail: Guardrail
) -> None:
    stop = {Guardrail.KILL_SWITCH: "kill_switch", Guardrail.NOT_STARTED: "fails"}[guardrail]
    setattr(storm.service, stop, True)
    storm.fail_once()
    storm.go_on_until(BEGIN + 20 * MINUTE)
    assert {alert.attributes["decision"] for alert in storm.world.topic.alerts} == {"refuse"}
    assert len(storm.world.topic.alerts) == len(USERS)
    assert not storm.service.rotated
    setattr(storm.service, stop, False)
    storm.go_on_until(BEGIN + 34 * MINUTE)
    assert len(storm.service.rotated) == BUDGET


def test_an_alert_does_not_say_that_nothing_was_changed_of_a_rotation_that_its_own_incident_started(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker died after the start and before the alert, and then others spent the budget."""
    [first, *_] = USERS
    with monkeypatch.context() as patched:
        patched.setattr(storm.world.incidents, "check", _die)
        assert len(storm.fail_once([first]).to_retry) == 1
    assert storm.service.rotated == [first]
    storm.service.rotated.clear()  # its consumer has not read the new key yet
    storm.fail_once()
    storm.go_on_until(BEGIN + 10 * MINUTE)
    [alert] = [one for one in storm.world.topic.alerts if one.attributes["owner"] == first]
    assert alert.attributes["decision"] == "rotate"
    assert "nothing was changed" not in alert.body
    assert len(set(storm.service.started)) == BUDGET


def _die(_: object) -> None:
    raise RuntimeError
