"""The contract of the incident table: over moto's DynamoDB, and for what it shares with the fake, both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.adapters.incident_table import CLAIM_SECONDS, DUE_INDEX, DynamoIncidents
from lambdas.domain.cause import Cause
from lambdas.domain.errors import BusyError, TransientError
from lambdas.domain.incident import MAX_CALLERS, Incident, Sightings, fold
from tests.builders import (
    NOON,
    a_caller,
    a_case,
    a_finding,
    a_signal,
    a_switch_off,
    an_active_key,
    an_unknown_key,
    key_id,
)
from tests.fakes import FakeIncidents

if TYPE_CHECKING:
    from lambdas.adapters.clients import Clients
    from lambdas.domain.finding import Finding
    from lambdas.domain.ports import Incidents
    from lambdas.domain.signal import Signal

LOOK_ALIKE = a_signal(error_message="No account found for the given parameters")
QUIET = timedelta(hours=6)
FORESIGHT = timedelta(days=14)
RECHECK_SECONDS = 900
RETENTION = timedelta(days=90)


def sightings(*signals: Signal) -> Sightings:
    [folded] = fold(signals or [a_signal()])
    return folded


@dataclass
class Tables:
    """moto's two tables, a clock that tests move, and as many workers as a test wants."""

    clients: Clients
    now: datetime = NOON
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._create_incidents()
        self.clients.dynamodb.create_table(
            TableName="Leases",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        )
        self.clients.dynamodb.meta.events.register(
            "before-call.dynamodb", lambda model, **_: self.calls.append(model.name)
        )

    def _create_incidents(self) -> None:
        types = {"accessKeyId": "S", "openedAt": "S", "timer": "S", "dueAt": "N"}
        self.clients.dynamodb.create_table(
            TableName="Incidents",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S" if kind == "S" else "N"}
                for name, kind in types.items()
            ],
            KeySchema=[
                {"AttributeName": "accessKeyId", "KeyType": "HASH"},
                {"AttributeName": "openedAt", "KeyType": "RANGE"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": DUE_INDEX,
                    "KeySchema": [
                        {"AttributeName": "timer", "KeyType": "HASH"},
                        {"AttributeName": "dueAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )

    def worker(self, name: str = "worker-1", quiet: timedelta = QUIET) -> DynamoIncidents:
        return DynamoIncidents(
            lambda: self.clients.dynamodb,
            incident_table="Incidents",
            lease_table="Leases",
            quiet=quiet,
            foresight=FORESIGHT,
            recheck_seconds=RECHECK_SECONDS,
            retention=RETENTION,
            clock=lambda: self.now,
            worker=name,
        )

    def items(self) -> list[dict[str, Any]]:
        return list(self.clients.dynamodb.scan(TableName="Incidents")["Items"])

    def calls_of_the_next(self) -> list[str]:
        self.calls.clear()
        return self.calls


@pytest.fixture
def tables(clients: Clients) -> Tables:
    return Tables(clients)


@pytest.fixture(params=["fake", "moto"])
def incidents(request: pytest.FixtureRequest) -> Incidents:
    if request.param == "fake":
        return FakeIncidents()
    tables: Tables = request.getfixturevalue("tables")
    return tables.worker()


def settle_as_told(incidents: Incidents, incident: Incident) -> None:
    told = replace(incident, alerts_sent=1, announced=Cause.KEY_INACTIVE)
    incidents.settle(replace(a_finding(), incident=told))


def settle_as_suppressed(incidents: Incidents, incident: Incident) -> None:
    told = replace(incident, announced=Cause.NOT_A_KEY_FAILURE)
    incidents.settle(replace(a_finding(a_case(evidence=an_active_key())), incident=told))


def test_the_first_sighting_opens_an_incident_that_needs_attention(incidents: Incidents) -> None:
    noted = incidents.note(sightings())
    assert noted.needs_attention
    assert (noted.incident.key, noted.incident.count, noted.incident.first_seen) == (key_id(), 1, NOON)


def test_once_it_is_told_a_repeat_only_counts(incidents: Incidents) -> None:
    settle_as_told(incidents, incidents.note(sightings()).incident)
    later = a_signal(occurred_at=NOON + timedelta(minutes=5))
    noted = incidents.note(sightings(later, later))
    assert not noted.needs_attention
    assert (noted.incident.count, noted.incident.last_seen) == (3, NOON + timedelta(minutes=5))
    assert noted.incident.announced is Cause.KEY_INACTIVE


def test_a_suppressed_incident_needs_attention_at_every_sighting(incidents: Incidents) -> None:
    settle_as_suppressed(incidents, incidents.note(sightings(LOOK_ALIKE)).incident)
    noted = incidents.note(sightings())
    assert noted.needs_attention
    assert noted.incident.announced is Cause.NOT_A_KEY_FAILURE


def test_new_callers_are_added_up_to_the_limit(incidents: Incidents) -> None:
    settle_as_told(incidents, incidents.note(sightings()).incident)
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(30)]
    *_, last = [incidents.note(sightings(signal)) for signal in crowd]
    assert len(last.incident.callers) == MAX_CALLERS
    assert last.incident.count == 31


def test_the_first_event_of_a_key_costs_one_read_and_two_writes(tables: Tables) -> None:
    worker, calls = tables.worker(), tables.calls_of_the_next()
    settle_as_told(worker, worker.note(sightings()).incident)
    assert calls == ["Query", "TransactWriteItems", "UpdateItem"]


def test_a_repeat_costs_one_write(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    calls = tables.calls_of_the_next()
    worker.note(sightings())
    assert calls == ["UpdateItem"]


def test_a_repeat_on_a_cold_worker_costs_one_read_more(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    calls = tables.calls_of_the_next()
    assert not tables.worker("cold").note(sightings()).needs_attention
    assert calls == ["Query", "UpdateItem"]


def test_two_workers_that_both_find_no_incident_open_one_and_one_alone_alerts(tables: Tables) -> None:
    first, second = tables.worker("first"), tables.worker("second")
    second_finds_nothing_then_first_opens(tables, first)
    noted = second.note(sightings())
    assert not noted.needs_attention
    assert noted.incident.count == 2
    assert len(tables.items()) == 1


def second_finds_nothing_then_first_opens(tables: Tables, first: DynamoIncidents) -> None:
    """At the second worker's first query the first worker opens the incident behind its back."""
    events, raced = tables.clients.dynamodb.meta.events, list[bool]()

    def race(parsed: dict[str, Any], **_: object) -> None:
        if not raced:
            raced.append(True)
            assert parsed["Items"] == []
            first.note(sightings())

    events.register("after-call.dynamodb.Query", race)


def test_while_one_worker_diagnoses_others_count_and_leave_it_alone(tables: Tables) -> None:
    tables.worker("first").note(sightings())
    assert not tables.worker("second").note(sightings()).needs_attention


def test_a_worker_that_died_is_succeeded_when_its_claim_has_lapsed(tables: Tables) -> None:
    tables.worker("dead").note(sightings())
    tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    successor = tables.worker("successor")
    noted = successor.note(sightings())
    assert noted.needs_attention
    settle_as_told(successor, noted.incident)
    assert not tables.worker("later").note(sightings()).needs_attention


def test_a_worker_whose_claim_another_took_over_records_nothing(tables: Tables) -> None:
    slow = tables.worker("slow")
    noted = slow.note(sightings())
    tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    assert tables.worker("successor").note(sightings()).needs_attention
    settle_as_told(slow, noted.incident)
    [item] = tables.items()
    assert (item["attention"], item["claimedBy"]) == ({"S": "due"}, {"S": "successor"})


def test_more_telling_signals_are_not_swallowed_by_a_worker_that_decides_on_less(tables: Tables) -> None:
    tables.worker("first").note(sightings(LOOK_ALIKE))
    with pytest.raises(BusyError):
        tables.worker("second").note(sightings())


def test_an_alert_that_did_not_go_out_leaves_the_incident_in_need_of_attention(tables: Tables) -> None:
    worker = tables.worker()
    incident = worker.note(sightings()).incident
    unsent = replace(incident, announced=Cause.KEY_INACTIVE)
    worker.settle(replace(a_finding(), incident=unsent))
    noted = worker.note(sightings())
    assert noted.needs_attention
    assert (noted.incident.alerts_sent, noted.incident.announced) == (0, Cause.KEY_INACTIVE)


def test_a_failure_after_the_quiet_period_opens_another_incident_and_closes_the_first(
    tables: Tables,
) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    tables.now += QUIET + timedelta(seconds=1)
    assert worker.note(sightings()).needs_attention
    assert [item["state"] for item in tables.items()] == [{"S": "closed"}, {"S": "open"}]


def test_a_failure_within_the_quiet_period_keeps_the_incident_going(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    for _ in range(5):
        tables.now += QUIET - timedelta(seconds=1)
        assert not worker.note(sightings()).needs_attention
    assert len(tables.items()) == 1


def test_the_quiet_period_may_be_a_second(tables: Tables) -> None:
    worker = tables.worker(quiet=timedelta(seconds=1))
    for _ in range(3):
        settle_as_told(worker, worker.note(sightings()).incident)
        tables.now += timedelta(seconds=2)
    assert len(tables.items()) == 3


def test_a_late_delivery_does_not_move_the_last_sighting_back(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    early = a_signal(occurred_at=NOON - timedelta(hours=1))
    assert worker.note(sightings(early)).incident.last_seen == NOON
    assert tables.worker("cold").note(sightings(early)).incident.last_seen == NOON


def test_reads_are_strongly_consistent(tables: Tables) -> None:
    consistent: list[bool] = []
    tables.clients.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.Query",
        lambda params, **_: consistent.append(params["ConsistentRead"]),
    )
    tables.worker().note(sightings())
    assert consistent == [True]


def test_callers_met_at_the_same_time_do_not_exceed_the_limit(tables: Tables) -> None:
    """Both workers read the item before either adds its callers."""
    worker, raced = tables.worker(), list[bool]()
    settle_as_told(worker, worker.note(sightings()).incident)
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(MAX_CALLERS - 1)]

    def race(**_: object) -> None:
        if len(raced) == 1:
            raced.append(True)
            tables.worker("other").note(sightings(*crowd))
        raced.append(True)

    tables.clients.dynamodb.meta.events.register("before-call.dynamodb.UpdateItem", race)
    worker.note(sightings(a_signal(caller=a_caller(source="192.0.2.1"))))
    [item] = tables.items()
    assert len(item["callers"]["M"]) == MAX_CALLERS


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["ConditionalCheckFailed", "None"], BusyError),
        (["None", "TransactionConflict"], BusyError),
        (["None", "ThrottlingError"], TransientError),
        (["ConditionalCheckFailed", "ProvisionedThroughputExceeded"], TransientError),
    ],
)
def test_a_cancelled_transaction_is_a_lost_race_only_if_it_says_so(
    tables: Tables, reasons: list[str], expected: type[TransientError]
) -> None:
    worker = tables.worker()
    with Stubber(tables.clients.dynamodb) as stub:
        stub.add_response("query", {"Items": []})
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": code} for code in reasons]},
        )
        stub.add_response("query", {"Items": []})
        with pytest.raises(TransientError) as raised:
            worker.note(sightings())
    assert raised.type is expected


def test_an_item_holds_the_finding_and_the_keys_of_the_interface(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    [item] = tables.items()
    assert (item["accessKeyId"], item["openedAt"]) == (
        {"S": key_id()},
        {"S": "2026-03-14T12:00:00.000000Z"},
    )
    assert item["cause"] == {"S": "key-inactive"}
    assert item["owner"] == {"M": {"name": {"S": "alice"}, "id": {"S": "AIDAALICE"}}}
    assert item["expiresAt"] == {"N": str(int((NOON + RETENTION).timestamp()))}
    assert "claimedBy" not in item


def settle_as_unknown(incidents: Incidents, incident: Incident) -> None:
    told = replace(incident, alerts_sent=1, announced=Cause.UNKNOWN_KEY, alerted=Cause.UNKNOWN_KEY)
    incidents.settle(replace(a_finding(a_case(evidence=an_unknown_key())), incident=told))


def test_an_unknown_key_becomes_due_once_after_its_time(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_unknown(worker, worker.note(sightings()).incident)
    tables.now += timedelta(seconds=RECHECK_SECONDS - 1)
    assert list(worker.due_rechecks()) == []
    tables.now += timedelta(seconds=1)
    assert list(worker.due_rechecks()) == [key_id()]
    recheck = worker.claim_recheck(key_id())
    assert recheck is not None
    assert (recheck.incident.rechecked, recheck.incident.alerts_sent) == (True, 1)
    assert replace(recheck.signal, caller=a_caller()) == a_signal()
    settle_as_unknown(worker, recheck.incident)
    assert list(worker.due_rechecks()) == []


def test_a_recheck_is_claimed_by_one_worker_and_by_another_only_when_that_one_died(
    tables: Tables,
) -> None:
    worker = tables.worker()
    settle_as_unknown(worker, worker.note(sightings()).incident)
    tables.now += timedelta(seconds=RECHECK_SECONDS)
    assert tables.worker("dies").claim_recheck(key_id()) is not None
    assert tables.worker("other").claim_recheck(key_id()) is None
    tables.now += timedelta(minutes=6)
    assert tables.worker("successor").claim_recheck(key_id()) is not None


def test_a_key_that_is_known_is_never_due(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_told(worker, worker.note(sightings()).incident)
    tables.now += timedelta(days=1)
    assert list(worker.due_rechecks()) == []
    assert worker.claim_recheck(key_id()) is None
    assert worker.claim_recheck(key_id(2)) is None


def test_the_signal_that_was_judged_is_the_one_that_is_judged_again(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_suppressed(worker, worker.note(sightings(LOOK_ALIKE)).incident)
    settle_as_unknown(worker, worker.note(sightings()).incident)
    tables.now += timedelta(seconds=RECHECK_SECONDS)
    recheck = worker.claim_recheck(key_id())
    assert recheck is not None
    assert recheck.signal.error_message == a_signal().error_message


def test_an_incident_that_is_over_is_no_longer_due(tables: Tables) -> None:
    worker = tables.worker()
    settle_as_unknown(worker, worker.note(sightings()).incident)
    tables.now += QUIET + timedelta(seconds=1)
    settle_as_told(worker, worker.note(sightings()).incident)
    assert list(worker.due_rechecks()) == []


OFF = a_switch_off()


def told(finding: Finding) -> Finding:
    cause = finding.diagnosis.cause
    incident = replace(finding.incident, alerts_sent=1, announced=cause, alerted=cause)
    return replace(finding, incident=incident)


def a_foreseen_incident(tables: Tables) -> None:
    worker = tables.worker()
    noted = worker.note(sightings(OFF))
    assert noted.needs_attention
    assert (noted.incident.predicted, noted.incident.count, noted.incident.callers) == (True, 0, ())
    worker.settle(told(a_finding(a_case(OFF), noted.incident)))


@pytest.mark.parametrize("signal", [a_signal(), OFF], ids=["a failure", "another switch-off"])
def test_what_was_only_foreseen_is_judged_again(tables: Tables, signal: Signal) -> None:
    a_foreseen_incident(tables)
    noted = tables.worker().note(sightings(signal))
    assert noted.needs_attention
    assert noted.incident.predicted
    assert noted.incident.alerted is Cause.DEACTIVATED_IN_USE


def test_a_call_that_fails_for_another_matter_does_not_overtake_what_was_foreseen(tables: Tables) -> None:
    a_foreseen_incident(tables)
    assert not tables.worker().note(sightings(LOOK_ALIKE)).needs_attention


def test_after_the_failures_were_told_a_switch_off_is_not_judged_again(tables: Tables) -> None:
    a_foreseen_incident(tables)
    worker = tables.worker()
    noted = worker.note(sightings())
    worker.settle(told(a_finding(a_case(), noted.incident)))
    again = tables.worker().note(sightings(OFF))
    assert not again.needs_attention
    assert again.incident.predicted


def test_a_foreseen_incident_waits_for_its_failures_as_long_as_a_key_counts_as_in_use(tables: Tables) -> None:
    a_foreseen_incident(tables)
    tables.now += FORESIGHT - timedelta(seconds=1)
    assert tables.worker().note(sightings()).incident.predicted
    tables.now += QUIET + timedelta(seconds=1)
    assert not tables.worker().note(sightings()).incident.predicted


def test_a_key_that_is_switched_off_after_its_incident_was_told_needs_attention(tables: Tables) -> None:
    worker = tables.worker()
    noted = worker.note(sightings())
    worker.settle(told(a_finding(a_case(), noted.incident)))
    tables.now += timedelta(hours=1)
    assert tables.worker().note(sightings(a_switch_off(at=tables.now))).needs_attention
    assert not tables.worker().note(sightings(a_switch_off(at=NOON - timedelta(hours=1)))).needs_attention


def test_a_look_alike_does_not_shorten_the_wait_for_what_was_foreseen(tables: Tables) -> None:
    a_foreseen_incident(tables)
    tables.now += timedelta(hours=1)
    tables.worker().note(sightings(LOOK_ALIKE))
    tables.now += timedelta(hours=12)
    assert tables.worker().note(sightings()).incident.predicted
