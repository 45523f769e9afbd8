"""A flood of ids that nothing knows: few alerts about them, none lost, and no other alert held back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from lambdas.aws.sqs_batch import Message
from lambdas.detection.domain.folding import is_shared
from lambdas.incidents.domain.unknown_ids import MAX_ALERTS, MAX_INCIDENTS, MAX_INCIDENTS_OF_A_SOURCE
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.remediation.due_incidents import process_due_incidents
from lambdas.remediation.signal_batch import SignalBatch
from tests.support.builders import ACCOUNT, NOON, a_record, an_event, key_id
from tests.support.fakes import FakeDeadLetters, FakeIam, FakeLedger, FakeTopic, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambdas.alerting.domain.alert import Alert
    from lambdas.remediation.outcome import RemediationOutcome

KNOWN = [key_id(number) for number in range(900_001, 900_011)]
HOUR = timedelta(hours=1)
ELSEWHERE = "210987654321"
A_SECRET = "wJalrXUtnFEMIzK7MDENGzbPxRfiCYzEXMPLKEYz"
T = TypeVar("T")


@dataclass
class TimedTopic(FakeTopic):
    clock: World | None = None
    at: list[tuple[datetime, Alert]] = field(default_factory=list)

    def publish(self, alert: Alert) -> None:
        super().publish(alert)
        assert self.clock
        self.at.append((self.clock.incidents.now, alert))


class Flood:
    def __init__(self) -> None:
        owned = {f"owner-of-{key}": {key: "Inactive"} for key in KNOWN}
        entries = {
            key: KeyEntry(access_key_id=key, owner_name=Observed(value=f"owner-of-{key}", at=NOON))
            for key in KNOWN
        }
        self.world = World(iam=FakeIam(users=owned), ledger=FakeLedger(entries=entries))
        self.topic = TimedTopic(clock=self.world)
        self.world.topic = self.topic
        self.next_message = 0

    def send(self, *records: dict[str, object]) -> RemediationOutcome:
        messages = [
            Message(message_id=f"m{self.next_message + place}", body=an_event(record))
            for place, record in enumerate(records)
        ]
        self.next_message += len(messages)
        batch = SignalBatch(
            self.world.remediator.remediate,
            lambda _: True,
            FakeDeadLetters(),
            lambda: 30,
            intake=self.world.intake,
        )
        outcome = batch.process(messages)
        assert (outcome.failures, outcome.rejected, outcome.to_retry) == ([], [], [])
        return outcome

    def pass_time(self, length: timedelta) -> None:
        """With a run of the timer each minute."""
        end = self.world.incidents.now + length
        while self.world.incidents.now < end:
            self.world.incidents.now += timedelta(minutes=1)
            assert process_due_incidents(self.world.remediator, lambda: 60).failures == []

    def blow(self, ids: Iterable[str], *, sources: int) -> None:
        for number, batch in enumerate(in_hundreds(list(ids))):
            records = [
                a_record(one, sourceIPAddress=f"198.51.{place % sources // 250}.{place % sources % 250}")
                for place, one in enumerate(batch, start=100 * number)
            ]
            self.send(*records)
            self.pass_time(timedelta(minutes=1))

    def alerts_about_unknown_ids(self) -> list[tuple[datetime, Alert]]:
        about = [(at, alert) for at, alert in self.topic.at if not any(key in alert.body for key in KNOWN)]
        return [(at, alert) for at, alert in about if "closed: " not in alert.subject]

    def most_in_an_hour(self) -> int:
        moments = [at for at, _ in self.alerts_about_unknown_ids()]
        return max(sum(at <= other < at + HOUR for other in moments) for at in moments)

    @property
    def counted(self) -> int:
        return sum(incident.count for incident in self.world.incidents.items.values())


def in_hundreds(everything: Sequence[T]) -> list[Sequence[T]]:
    return [everything[first : first + 100] for first in range(0, len(everything), 100)]


def ids(number: int, account: str = ACCOUNT) -> list[str]:
    return [key_id(each + 1, account=account) for each in range(number)]


@pytest.mark.parametrize("sources", [1, 3, 1000])
@pytest.mark.parametrize("account", [ACCOUNT, ELSEWHERE])
def test_a_flood_of_ids_causes_few_alerts_and_every_call_is_counted(sources: int, account: str) -> None:
    flood = Flood()
    flood.blow(ids(8_000, account), sources=sources)
    assert flood.most_in_an_hour() <= MAX_ALERTS
    assert flood.counted == 8_000
    assert len(flood.world.incidents.items) <= 2 * (MAX_ALERTS + 2)


def test_malformed_ids_and_calls_without_a_key_are_folded_too() -> None:
    flood = Flood()
    texts = [f"akia-{number}" for number in range(2_000)]
    flood.blow(texts, sources=5)
    for names in in_hundreds(range(2_000)):
        flood.send(*(a_record(None, userIdentity={"type": "Unknown", "principalId": f"p{n}"}) for n in names))
    assert flood.most_in_an_hour() <= MAX_ALERTS
    assert flood.counted == 4_000


def test_errors_that_are_not_about_a_key_open_few_incidents_whatever_ids_they_name() -> None:
    flood = Flood()
    for batch in in_hundreds(ids(1_000)):
        flood.send(
            *(a_record(one, errorMessage="No account found for the given parameters") for one in batch)
        )
    assert flood.topic.alerts == []
    assert flood.counted == 1_000
    assert len(flood.world.incidents.items) == 51


def test_known_keys_are_alerted_during_it_with_their_owner_and_first_of_their_batch() -> None:
    flood = Flood()
    flood.blow(ids(2_000), sources=50)
    before = len(flood.topic.alerts)
    strangers = [a_record(one) for one in ids(2_100)[2_000:]]
    flood.send(*strangers[:45], *(a_record(key) for key in KNOWN), *strangers[45:90])
    subjects = [alert.subject for alert in flood.topic.alerts[before : before + len(KNOWN)]]
    assert all(f"owner-of-{key}"[:40] in subject for key, subject in zip(KNOWN, subjects, strict=True))


def test_cloudtrail_is_not_asked_about_folded_ids_and_iam_about_few() -> None:
    flood = Flood()
    flood.blow(ids(500), sources=1)
    flood.world.iam.calls.clear()
    flood.world.trail.fails = True
    flood.send(*(a_record(one, sourceIPAddress="198.51.0.0") for one in ids(700)[500:]))
    assert flood.world.iam.calls == ["GetAccessKeyLastUsed"] * 20


def test_a_key_that_is_too_new_for_the_ledger_is_alerted_though_its_source_sends_unknown_ids() -> None:
    flood = Flood()
    flood.blow(ids(500), sources=1)
    flood.world.iam.users["newcomer"] = {key_id(7_000): "Inactive"}
    flood.send(a_record(key_id(7_000), sourceIPAddress="198.51.0.0"))
    assert "newcomer" in flood.topic.alerts[-1].subject


def test_what_looks_like_a_secret_is_alerted_though_its_source_sends_unknown_ids() -> None:
    flood = Flood()
    flood.blow(ids(500), sources=1)
    flood.send(a_record(A_SECRET, sourceIPAddress="198.51.0.0"))
    assert "[critical]" in flood.topic.alerts[-1].subject


def test_one_source_leaves_room_for_the_ids_of_others() -> None:
    flood = Flood()
    flood.blow(ids(1_000), sources=1)
    flood.send(a_record(key_id(5_000), sourceIPAddress="192.0.2.9"))
    own = [incident.key for incident in flood.world.incidents.items.values() if not is_shared(incident.key)]
    assert len(own) == MAX_INCIDENTS_OF_A_SOURCE + 1
    assert key_id(5_000) in own


def test_an_id_with_an_incident_of_its_own_keeps_it_during_a_flood() -> None:
    flood = Flood()
    flood.send(a_record(key_id(5_000), sourceIPAddress="192.0.2.9"))
    flood.blow(ids(1_000), sources=40)
    flood.pass_time(2 * HOUR)
    flood.send(a_record(key_id(5_000), sourceIPAddress="192.0.2.9"))
    assert flood.world.incidents.open[key_id(5_000)].count == 2


def test_ids_that_iam_knows_and_the_ledger_does_not_yet_are_not_counted_as_unknown() -> None:
    flood = Flood()
    flood.world.ledger.entries.clear()
    many = {f"user-{number}": {key_id(number): "Inactive"} for number in range(1, 60)}
    flood.world.iam.users |= many
    flood.send(*(a_record(key_id(number), sourceIPAddress="192.0.2.9") for number in range(1, 60)))
    assert [alert.attributes["cause"] for alert in flood.topic.alerts] == ["key-inactive"] * 59


def test_the_alert_of_a_folded_flood_names_the_source_and_what_was_not_done() -> None:
    flood = Flood()
    flood.blow(ids(200), sources=1)
    [folded] = [alert for alert in flood.topic.alerts if "many unknown ids" in alert.body][:1]
    assert "many unknown ids" in folded.subject
    assert "198.51.0.0" in folded.body
    assert "CloudTrail was not asked about them, IAM about few." in folded.body
    assert folded.attributes["cause"] == "unknown-key"
    assert folded.attributes["severity"] == "high"


def test_updates_of_ids_with_incidents_of_their_own_are_within_the_limit() -> None:
    """Sixteen ids, each called from ever new sources in ever new regions."""
    flood = Flood()
    for minute in range(180):
        flood.send(
            *(
                a_record(one, sourceIPAddress=f"203.0.{place}.{minute}", awsRegion=f"eu-west-{minute // 30}")
                for place, one in enumerate(ids(MAX_INCIDENTS))
            )
        )
        flood.pass_time(timedelta(minutes=1))
    assert flood.most_in_an_hour() <= MAX_ALERTS


def test_what_was_postponed_is_reported_when_there_is_room_again() -> None:
    flood = Flood()
    flood.send(*(a_record(one, sourceIPAddress=f"192.0.2.{n}") for n, one in enumerate(ids(16))))
    flood.blow(ids(400)[100:], sources=300)
    flood.send(a_record(key_id(1), sourceIPAddress="198.18.0.1"))
    flood.pass_time(2 * HOUR)
    assert any("198.18.0.1" in alert.body and key_id(1) in alert.body for alert in flood.topic.alerts)


def test_closings_are_reported_for_each_incident_and_for_each_fold() -> None:
    flood = Flood()
    flood.blow(ids(1_000), sources=3)
    opened = Counter(incident.alerts_sent > 0 for incident in flood.world.incidents.items.values())
    flood.pass_time(8 * HOUR)
    closed = [alert for alert in flood.topic.alerts if "closed: " in alert.subject]
    assert len(closed) == opened[True]


def test_production_is_named_although_an_attacker_sends_twenty_user_agents() -> None:
    flood = Flood()
    for number in range(25):
        flood.send(a_record(KNOWN[0], userAgent=f"attacker/{number}", sourceIPAddress="198.51.100.1"))
    flood.send(a_record(KNOWN[0], userAgent="production/1", sourceIPAddress="192.0.2.1"))
    flood.pass_time(2 * HOUR)
    assert any("192.0.2.1, production/1" in alert.body for alert in flood.topic.alerts)
    assert "by its other user agents" in flood.topic.alerts[-1].body
