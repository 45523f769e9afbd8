"""The contract of the exemption table on moto's DynamoDB, and on the fake where it has the same methods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.alerting.adapters.delivery_records import CLAIM_SECONDS, DynamoDeliveryRecords
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic, SnsChatTopic
from lambdas.alerting.delivery import Delivery
from lambdas.decisions.adapters.exemption_table import (
    CACHE_SECONDS,
    REMOVED_AFTER,
    DynamoExemptions,
)
from lambdas.errors import TransientError
from lambdas.remediation.exemption_reports import ExemptionReports
from tests.contract.remediation.test_crashes import TOPICS, Crash, expected_deliveries, topic_of
from tests.support.builders import HOME, NOON, an_exemption
from tests.support.fakes import FakeBus, FakeExemptions
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.decisions.ports import Exemptions

ALICE = an_exemption("user:alice")
OVER = an_exemption("user:alice", expires=NOON - timedelta(seconds=1))


@dataclass
class Table:
    """The exemption table on moto, with a clock that tests set."""

    clients: Clients
    now: datetime = NOON
    seconds: float = 0

    def __post_init__(self) -> None:
        self.clients.dynamodb.create_table(
            TableName="Exemptions",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "exemption", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "exemption", "KeyType": "HASH"}],
        )
        self.exemptions = DynamoExemptions(
            self.clients,
            "Exemptions",
            clock=lambda: self.now,
            monotonic=lambda: self.seconds,
        )

    def write(self, exemption: Exemption) -> None:
        expires = {"expires": exemption.expires.isoformat()} if exemption.expires else {}
        self.put(exemption.name, reason=exemption.reason, author=exemption.author, **expires)

    def put(self, name: str, **attributes: Any) -> None:
        texts = {key: {"S": value} if isinstance(value, str) else value for key, value in attributes.items()}
        self.clients.dynamodb.put_item(TableName="Exemptions", Item={"exemption": {"S": name}, **texts})

    def delete(self, name: str) -> None:
        self.clients.dynamodb.delete_item(TableName="Exemptions", Key={"exemption": {"S": name}})

    def item(self, name: str) -> dict[str, Any]:
        return self.clients.dynamodb.get_item(TableName="Exemptions", Key={"exemption": {"S": name}})["Item"]


@pytest.fixture
def table(clients: Clients) -> Table:
    return Table(clients)


@pytest.fixture(params=["moto", "fake"])
def both(request: pytest.FixtureRequest, clients: Clients) -> tuple[Any, Exemptions]:
    """What writes exemptions, and what reads them."""
    if request.param == "fake":
        fake = FakeExemptions()
        return fake, fake
    on_moto = Table(clients)
    return on_moto, on_moto.exemptions


def test_a_written_exemption_is_read(both: tuple[Any, Exemptions]) -> None:
    writer, reader = both
    assert reader.every() == ()
    writer.write(ALICE)
    assert reader.unreported() == (ALICE,)


def test_an_exemption_whose_end_was_reported_is_not_reported_again(both: tuple[Any, Exemptions]) -> None:
    writer, reader = both
    writer.write(OVER)
    assert reader.unreported() == (OVER,)
    reader.mark_reported(OVER)
    assert reader.unreported() == ()
    assert reader.every() == (OVER,)


@pytest.mark.parametrize(
    "changes", [{"expires": ALICE.expires}, {"reason": "again"}, {"author": ""}, {"expires": None}], ids=str
)
def test_an_exemption_that_is_replaced_while_it_is_reported_is_not_marked(
    both: tuple[Any, Exemptions], changes: dict[str, Any]
) -> None:
    writer, reader = both
    writer.write(OVER)
    reader.unreported()
    writer.write(replace(OVER, **changes))
    reader.mark_reported(OVER)
    assert reader.unreported() == (replace(OVER, **changes),)


def test_an_exemption_that_is_renewed_after_its_report_is_unreported(both: tuple[Any, Exemptions]) -> None:
    writer, reader = both
    writer.write(OVER)
    reader.unreported()
    reader.mark_reported(OVER)
    writer.write(ALICE)
    assert reader.unreported() == (ALICE,)


def test_an_exemption_that_is_deleted_while_it_is_reported_is_not_created_again(table: Table) -> None:
    table.write(OVER)
    table.exemptions.unreported()
    table.delete("user:alice")
    table.exemptions.mark_reported(OVER)
    assert table.exemptions.unreported() == ()


def test_a_reported_exemption_is_removed_thirty_days_later(table: Table) -> None:
    table.write(OVER)
    table.exemptions.unreported()
    table.exemptions.mark_reported(OVER)
    removed = int((NOON + REMOVED_AFTER).timestamp())
    assert table.item("user:alice")["expiresAt"] == {"N": str(removed)}
    assert timedelta(days=30) == REMOVED_AFTER


def test_a_warm_function_sees_a_change_within_a_minute(table: Table) -> None:
    assert table.exemptions.every() == ()
    table.write(ALICE)
    assert table.exemptions.every() == ()
    table.seconds += CACHE_SECONDS
    assert table.exemptions.every() == (ALICE,)
    assert CACHE_SECONDS <= 30


def test_all_pages_are_read(table: Table) -> None:
    """A page is at most 1 MB (DynamoDB API reference, Scan)."""
    names = [f"user:user-{number}" for number in range(8)]
    for name in names:
        table.put(name, reason="x" * 300_000, author="bob", expires="2026-03-15T12:00:00Z")
    assert sorted(each.name for each in table.exemptions.every()) == names


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"reason": {"N": "1"}, "author": {"BOOL": True}, "expires": {"N": "1773489600"}},
        {"reason": {"NULL": True}, "author": {"L": []}, "expires": {"M": {}}},
        {"reason": "x", "author": "x", "expires": "tomorrow"},
        {"reason": "x", "author": "x", "expires": "9999-12-31T23:59:59-23:00"},
        {"reason": {"B": b"x"}, "author": {"SS": ["x"]}, "expires": ""},
    ],
)
def test_a_malformed_item_is_read_and_can_be_reported(table: Table, attributes: dict[str, Any]) -> None:
    table.put("user:alice", **attributes)
    [found] = table.exemptions.every()
    assert not found.is_in_force(NOON)
    assert table.exemptions.unreported() == (found,)
    table.exemptions.mark_reported(found)
    assert table.exemptions.unreported() == ()


def test_a_time_without_a_zone_is_in_utc(table: Table) -> None:
    table.put("user:alice", reason="x", author="x", expires="2026-03-14T12:00:00")
    [found] = table.exemptions.every()
    assert found.expires == NOON


def test_a_missing_permission_is_a_transient_error(table: Table) -> None:
    with Stubber(table.clients.dynamodb) as stub:
        stub.add_client_error("scan", "AccessDeniedException")
        with pytest.raises(TransientError, match="dynamodb:exemptions: AccessDeniedException"):
            table.exemptions.every()


@dataclass
class Timer:
    """Timer runs on moto that may crash at a call."""

    table: Table
    crash_at: tuple[int, str] = (-1, "")
    calls: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clients = self.table.clients
        self.topics = {name: clients.sns.create_topic(Name=name)["TopicArn"] for name in TOPICS}
        create_lease_table(clients)
        self.records = DynamoDeliveryRecords(self.table.clients, "Leases", clock=lambda: self.table.now)
        for client in (clients.dynamodb, clients.sns):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)

    def run(self) -> None:
        reports = ExemptionReports(
            exemptions=self.table.exemptions,
            delivery=Delivery(
                topic=SnsAlertTopic(self.table.clients, self.topics["Alerts"]),
                chat=SnsChatTopic(self.table.clients, self.topics["Chat"]),
                bus=FakeBus(),
                records=self.records,
                wait_for_turn=lambda _: None,
                report_failure=lambda *_: None,
            ),
            deployment=HOME,
            clock=lambda: self.table.now,
        )
        assert reports.report_ended(lambda: 40) == []

    def _before(self, model: Any, params: Any, **_: object) -> None:
        topic = topic_of(params) if model.name == "Publish" else ""
        self.calls.append(f"Publish to {topic}" if topic else model.name)
        self._crash("before")

    def _after(self, **_: object) -> None:
        self.answered.append(self.calls[-1])
        self._crash("after")

    def _crash(self, moment: str) -> None:
        if self.crash_at == (len(self.calls) - 1, moment):
            self.crash_at = (-1, "")
            raise Crash


# Exemptions, delivery record, its claim, the mark that there is no event, chat, alerts, the exemption's mark.
CALLS = [
    "Scan",
    "GetItem",
    "UpdateItem",
    "UpdateItem",
    *("Publish to Chat", "UpdateItem"),
    *("Publish to Alerts", "UpdateItem"),
    "UpdateItem",
]


def test_the_list_of_calls_is_complete(table: Table) -> None:
    table.write(OVER)
    timer = Timer(table)
    timer.run()
    assert timer.calls == CALLS


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(len(CALLS)), ids=lambda call: f"{call}-{CALLS[call]}")
def test_no_crash_loses_the_report_and_only_one_can_repeat_it(table: Table, call: int, moment: str) -> None:
    table.write(OVER)
    timer = Timer(table, crash_at=(call, moment))
    with pytest.raises(Crash):
        timer.run()
    table.now += timedelta(seconds=CLAIM_SECONDS + 1)
    timer.run()
    timer.run()
    for topic in TOPICS:
        assert timer.answered.count(f"Publish to {topic}") == expected_deliveries(topic, CALLS, call, moment)


def test_two_concurrent_runs_send_one_report(table: Table) -> None:
    table.write(OVER)
    crashing = Timer(table, crash_at=(CALLS.index("Publish to Chat"), "before"))
    with pytest.raises(Crash):
        crashing.run()
    crashing.run()  # while the claim of the first lasts
    assert not [call for call in crashing.answered if call.startswith("Publish")]
