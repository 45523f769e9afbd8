"""The contract of the incident table: over moto's DynamoDB, and for what it shares with the fake, both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.alerting.domain.alert import Alert
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.callers import MAX_CALLERS
from lambdas.detection.domain.signal_group import SignalGroup, group_by_key
from lambdas.diagnosis.domain.cause import Cause
from lambdas.errors import BusyError, TransientError
from lambdas.incidents.adapters.incident_claims import CLAIM_SECONDS
from lambdas.incidents.adapters.incident_table import DUE_INDEX, DynamoIncidents
from lambdas.incidents.domain.finding import IncidentUpdate
from lambdas.incidents.domain.incident import (
    Incident,
    IncidentRef,
    Reactivation,
    ReportedState,
    RotationEnd,
    SharedAlert,
    TriageState,
    UpdateKind,
)
from lambdas.incidents.domain.outbox import Channel, Outbox
from lambdas.incidents.domain.update_policy import all_reported
from lambdas.ledger.domain.key_state_change import KeyStateChange
from tests.support.builders import (
    NOON,
    a_caller,
    a_case,
    a_finding,
    a_predicted_outage,
    a_signal,
    an_active_key,
    key_id,
)
from tests.support.fakes import FakeIncidents
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients
    from lambdas.detection.domain.signal import Signal
    from lambdas.incidents.domain.finding import Finding
    from lambdas.incidents.ports import Incidents

LOOK_ALIKE = a_signal(error_message="No account found for the given parameters")
EXPOSED = a_signal("wJalrXUtnFEMIK7MDENGbPxRfiCYzZ9Q4TpLm2Xk")
QUIET = timedelta(hours=6)
PREDICTION_WINDOW = timedelta(days=14)
RETENTION = timedelta(days=90)


def a_group(*signals: Signal) -> SignalGroup:
    [folded] = group_by_key(signals or [a_signal()])
    return folded


@dataclass
class Tables:
    """moto's two tables, a clock that tests move, and as many workers as a test wants."""

    clients: Clients
    now: datetime = NOON
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._create_incidents()
        create_lease_table(self.clients)
        CLOCK.append(lambda: self.now)
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

    def worker(
        self, name: str = "worker-1", quiet: timedelta = QUIET, retention: timedelta = RETENTION
    ) -> DynamoIncidents:
        return DynamoIncidents(
            self.clients,
            incident_table="Incidents",
            lease_table="Leases",
            quiet=quiet,
            prediction_window=PREDICTION_WINDOW,
            retention=retention,
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
        CLOCK.append(lambda: NOON)
        return FakeIncidents()
    tables: Tables = request.getfixturevalue("tables")
    return tables.worker()


def saved(finding: Finding, incident: Incident, *, alerted: bool = True, **changes: Any) -> IncidentUpdate:
    """As a worker saves an incident that it evaluated by the finding, and alerted of, or not."""
    finding = replace(finding, incident=incident, at=CLOCK[-1]())
    is_predicted = finding.case.signal.predicted_outage is not None
    after = replace(
        incident,
        latest=finding.assessment,
        alerted=finding.assessment if alerted else incident.alerted,
        signal=finding.case.signal,
        reported=all_reported(incident),
        open_until=finding.at + (PREDICTION_WINDOW if is_predicted else QUIET),
    )
    return IncidentUpdate(incident=replace(after, **changes), finding=finding)


CLOCK: list[Callable[[], datetime]] = [lambda: NOON]


def latest_cause(incident: Incident) -> Cause | None:
    return incident.latest.cause if incident.latest else None


def alerted_cause(incident: Incident) -> Cause | None:
    return incident.alerted.cause if incident.alerted else None


def save_as_alerted(incidents: Incidents, incident: Incident) -> None:
    incidents.save_and_release(saved(a_finding(), incident, alerts_sent=1))


def save_as_suppressed(incidents: Incidents, incident: Incident) -> None:
    incidents.save_and_release(saved(a_finding(a_case(evidence=an_active_key())), incident, alerted=False))


def test_the_first_signal_opens_an_incident_to_evaluate(incidents: Incidents) -> None:
    recorded = incidents.record(a_group())
    assert recorded.signal
    assert (recorded.incident.key, recorded.incident.count, recorded.incident.first_seen) == (
        key_id(),
        1,
        NOON,
    )


def test_once_it_is_alerted_a_repeat_only_counts(incidents: Incidents) -> None:
    save_as_alerted(incidents, incidents.record(a_group()).incident)
    later = a_signal(occurred_at=NOON + timedelta(minutes=5))
    recorded = incidents.record(a_group(later, later))
    assert not recorded.signal
    assert (recorded.incident.count, recorded.incident.last_seen) == (3, NOON + timedelta(minutes=5))
    assert latest_cause(recorded.incident) is Cause.KEY_INACTIVE


def test_a_suppressed_incident_is_evaluated_again_by_a_more_specific_signal(incidents: Incidents) -> None:
    look_alike = a_finding(a_case(LOOK_ALIKE, an_active_key()))
    incidents.save_and_release(
        saved(look_alike, incidents.record(a_group(LOOK_ALIKE)).incident, alerted=False)
    )
    recorded = incidents.record(a_group())
    assert recorded.signal == a_signal()
    assert latest_cause(recorded.incident) is Cause.NOT_A_KEY_FAILURE


def test_a_suppressed_incident_is_evaluated_again_no_more_than_once_a_minute(tables: Tables) -> None:
    worker = tables.worker()
    save_as_suppressed(worker, worker.record(a_group()).incident)
    calls = tables.calls_of_the_next()
    assert not worker.record(a_group()).signal
    assert calls == ["UpdateItem"]
    tables.now += timedelta(minutes=1)
    assert worker.record(a_group()).signal


def test_new_callers_are_added_up_to_the_limit(incidents: Incidents) -> None:
    save_as_alerted(incidents, incidents.record(a_group()).incident)
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(30)]
    *_, last = [incidents.record(a_group(signal)) for signal in crowd]
    assert len(last.incident.callers) == MAX_CALLERS
    assert last.incident.count == 31


def test_the_first_event_of_a_key_costs_one_read_and_two_writes(tables: Tables) -> None:
    worker, calls = tables.worker(), tables.calls_of_the_next()
    save_as_alerted(worker, worker.record(a_group()).incident)
    assert calls == ["Query", "TransactWriteItems", "UpdateItem"]


def test_a_repeat_costs_one_write(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    calls = tables.calls_of_the_next()
    worker.record(a_group())
    assert calls == ["UpdateItem"]


def test_a_repeat_on_a_cold_worker_costs_one_read_more(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    calls = tables.calls_of_the_next()
    assert not tables.worker("cold").record(a_group()).signal
    assert calls == ["Query", "UpdateItem"]


def test_two_workers_that_both_find_no_incident_open_one_and_one_alone_alerts(tables: Tables) -> None:
    first, second = tables.worker("first"), tables.worker("second")
    second_finds_nothing_then_first_opens(tables, first)
    recorded = second.record(a_group())
    assert not recorded.signal
    assert recorded.incident.count == 2
    assert len(tables.items()) == 1


def second_finds_nothing_then_first_opens(tables: Tables, first: DynamoIncidents) -> None:
    """At the second worker's first query the first worker opens the incident behind its back."""
    events, raced = tables.clients.dynamodb.meta.events, list[bool]()

    def race(parsed: dict[str, Any], **_: object) -> None:
        if not raced:
            raced.append(True)
            assert parsed["Items"] == []
            first.record(a_group())

    events.register("after-call.dynamodb.Query", race)


def test_while_one_worker_diagnoses_others_count_and_leave_it_alone(tables: Tables) -> None:
    tables.worker("first").record(a_group())
    assert not tables.worker("second").record(a_group()).signal


def test_another_worker_takes_over_when_the_claim_of_a_crashed_one_has_expired(tables: Tables) -> None:
    tables.worker("dead").record(a_group())
    tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    successor = tables.worker("successor")
    recorded = successor.record(a_group())
    assert recorded.signal
    save_as_alerted(successor, recorded.incident)
    assert not tables.worker("later").record(a_group()).signal


def test_a_worker_whose_claim_another_took_over_records_nothing(tables: Tables) -> None:
    slow = tables.worker("slow")
    recorded = slow.record(a_group())
    tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    assert tables.worker("successor").record(a_group()).signal
    save_as_alerted(slow, recorded.incident)
    [item] = tables.items()
    assert (item["attention"], item["claimedBy"]) == ({"S": "due"}, {"S": "successor"})


def test_more_specific_signals_are_not_lost_to_a_worker_that_evaluates_less_specific_ones(
    tables: Tables,
) -> None:
    tables.worker("first").record(a_group(LOOK_ALIKE))
    with pytest.raises(BusyError):
        tables.worker("second").record(a_group())


def test_a_failure_after_the_quiet_period_opens_another_incident_and_closes_the_first(
    tables: Tables,
) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    tables.now += QUIET + timedelta(seconds=1)
    assert worker.record(a_group()).signal
    assert [item["state"] for item in tables.items()] == [{"S": "closed"}, {"S": "open"}]


def test_the_incident_of_an_exposed_secret_stays_open_and_stored_until_a_person_closes_it(
    tables: Tables,
) -> None:
    worker, exposure = tables.worker(), a_finding(a_case(EXPOSED))
    assert exposure.assessment.exposes_secret
    first = worker.record(a_group(EXPOSED)).incident
    worker.save_and_release(saved(exposure, first, alerts_sent=1))
    tables.now += RETENTION - timedelta(days=1)
    again = worker.record(a_group(EXPOSED))
    assert (again.incident.ref, again.incident.count, again.signal) == (first.ref, 2, None)
    assert tables.worker("cold").open_keys([EXPOSED.incident_key]) == {EXPOSED.incident_key}
    claimed = worker.claim(first.ref)
    assert claimed is not None
    worker.save_and_release(IncidentUpdate(incident=claimed))
    [item] = tables.items()
    assert int(item["expiresAt"]["N"]) >= int((tables.now + RETENTION).timestamp())


def test_who_closed_an_incident_is_read_back(tables: Tables) -> None:
    worker = tables.worker()
    first = worker.record(a_group(EXPOSED)).incident
    worker.save_and_release(saved(a_finding(a_case(EXPOSED)), first, alerts_sent=1))
    tables.clients.dynamodb.update_item(
        TableName="Incidents",
        Key={"accessKeyId": {"S": first.key}, "openedAt": {"S": first.opened_at}},
        UpdateExpression="SET closedBy = :by",
        ExpressionAttributeValues={":by": {"S": "arn:aws:iam::123456789012:user/carol"}},
    )
    claimed = worker.claim(first.ref)
    assert claimed is not None
    assert claimed.closed_by == "arn:aws:iam::123456789012:user/carol"
    worker.save_and_release(IncidentUpdate(incident=claimed))
    assert "closedBy" in tables.items()[0]


def test_a_failure_within_the_quiet_period_keeps_the_incident_going(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    for _ in range(5):
        tables.now += QUIET - timedelta(seconds=1)
        assert not worker.record(a_group()).signal
    assert len(tables.items()) == 1


def test_the_quiet_period_may_be_a_second(tables: Tables) -> None:
    worker = tables.worker(quiet=timedelta(seconds=1))
    for _ in range(3):
        save_as_alerted(worker, worker.record(a_group()).incident)
        tables.now += timedelta(seconds=2)
    assert len(tables.items()) == 3


def test_a_late_delivery_does_not_move_the_last_failure_back(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    early = a_signal(occurred_at=NOON - timedelta(hours=1))
    assert worker.record(a_group(early)).incident.last_seen == NOON
    assert tables.worker("cold").record(a_group(early)).incident.last_seen == NOON


def test_a_worker_that_remembers_an_older_failure_does_not_move_the_last_failure_back(
    tables: Tables,
) -> None:
    warm, other = tables.worker("warm"), tables.worker("other")
    save_as_alerted(warm, warm.record(a_group()).incident)
    latest = NOON + timedelta(minutes=30)
    other.record(a_group(a_signal(occurred_at=latest)))
    recorded = warm.record(a_group(a_signal(occurred_at=NOON + timedelta(minutes=5))))
    assert (recorded.incident.last_seen, recorded.incident.count) == (latest, 3)
    calls = tables.calls_of_the_next()
    warm.record(a_group(a_signal(occurred_at=NOON + timedelta(minutes=6))))
    assert calls == ["UpdateItem"]
    assert len(tables.items()) == 1


def test_the_last_failure_is_not_when_the_key_was_deactivated(incidents: Incidents) -> None:
    save_as_alerted(incidents, incidents.record(a_group()).incident)
    gone = a_predicted_outage("DeleteAccessKey", at=NOON + timedelta(minutes=30))
    assert incidents.record(a_group(gone)).incident.last_seen == NOON


def test_reads_are_strongly_consistent(tables: Tables) -> None:
    consistent: list[bool] = []
    tables.clients.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.Query",
        lambda params, **_: consistent.append(params["ConsistentRead"]),
    )
    tables.worker().record(a_group())
    assert consistent == [True]


def test_callers_met_at_the_same_time_do_not_exceed_the_limit(tables: Tables) -> None:
    """Both workers read the item before either adds its callers."""
    worker, raced = tables.worker(), list[bool]()
    save_as_alerted(worker, worker.record(a_group()).incident)
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(MAX_CALLERS - 1)]

    def race(**_: object) -> None:
        if len(raced) == 1:
            raced.append(True)
            tables.worker("other").record(a_group(*crowd))
        raced.append(True)

    tables.clients.dynamodb.meta.events.register("before-call.dynamodb.UpdateItem", race)
    worker.record(a_group(a_signal(caller=a_caller(source="192.0.2.1"))))
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
            worker.record(a_group())
    assert raised.type is expected


def test_an_item_holds_the_finding_and_the_keys_of_the_interface(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    [item] = tables.items()
    assert (item["accessKeyId"], item["openedAt"]) == (
        {"S": key_id()},
        {"S": "2026-03-14T12:00:00.000000Z"},
    )
    assert item["cause"] == {"S": "key-inactive"}
    assert item["owner"] == {"M": {"name": {"S": "alice"}, "id": {"S": "AIDAALICE"}}}
    assert item["expiresAt"] == {"N": str(int((NOON + RETENTION).timestamp()))}
    assert "claimedBy" not in item


@pytest.mark.parametrize(("signal", "wait"), [(a_signal(), QUIET), (a_predicted_outage(), PREDICTION_WINDOW)])
def test_an_open_incident_does_not_expire_however_short_the_retention_is(
    tables: Tables, signal: Signal, wait: timedelta
) -> None:
    worker = tables.worker(retention=timedelta(seconds=1))
    recorded = worker.record(a_group(signal))
    not_before = (NOON + wait + timedelta(days=1)).timestamp()
    assert float(tables.items()[0]["expiresAt"]["N"]) >= not_before
    worker.save_and_release(alerted_by(a_finding(a_case(signal), recorded.incident)))
    assert float(tables.items()[0]["expiresAt"]["N"]) >= not_before
    worker.record(a_group(LOOK_ALIKE))
    assert float(tables.items()[0]["expiresAt"]["N"]) >= not_before


def save_with_timer(incidents: Incidents, incident: Incident, due_at: datetime | None) -> None:
    update = saved(a_finding(), incident, alerts_sent=1)
    incidents.save_and_release(replace(update, due_at=due_at))


def all_due(incidents: Incidents) -> list[IncidentRef]:
    return [due.ref for due in incidents.due()]


def test_an_incident_is_due_at_its_time_and_is_due_again_later_until_it_is_saved(tables: Tables) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group())
    save_with_timer(worker, recorded.incident, NOON + timedelta(seconds=900))
    tables.now += timedelta(seconds=899)
    assert all_due(worker) == []
    assert worker.claim_due(recorded.incident.ref) is None
    tables.now += timedelta(seconds=1)
    assert all_due(worker) == [recorded.incident.ref]
    claimed = worker.claim_due(recorded.incident.ref)
    assert claimed is not None
    assert claimed.signal == a_signal()
    assert all_due(worker) == []
    tables.now += timedelta(minutes=6)
    assert all_due(tables.worker("another")) == [recorded.incident.ref]
    save_with_timer(worker, claimed, None)
    assert all_due(worker) == []


def test_a_due_incident_is_claimed_by_one_worker_and_by_another_only_when_that_one_died(
    tables: Tables,
) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group())
    save_with_timer(worker, recorded.incident, NOON)
    assert tables.worker("dies").claim_due(recorded.incident.ref) is not None
    assert tables.worker("other").claim_due(recorded.incident.ref) is None
    assert tables.worker("other").claim(recorded.incident.ref) is None
    tables.now += timedelta(minutes=6)
    assert tables.worker("successor").claim_due(recorded.incident.ref) is not None


def test_what_is_due_longest_comes_first(tables: Tables) -> None:
    worker = tables.worker()
    for number, minutes in ((1, 3), (2, 1), (3, 2)):
        incident = worker.record(a_group(a_signal(key_id(number)))).incident
        save_with_timer(worker, incident, NOON + timedelta(minutes=minutes))
    tables.now += timedelta(minutes=5)
    assert [ref.key for ref in all_due(worker)] == [key_id(2), key_id(3), key_id(1)]


def test_what_is_unsent_comes_before_what_is_due_longer(tables: Tables) -> None:
    worker = tables.worker()
    save_with_timer(worker, worker.record(a_group()).incident, NOON)
    recorded = worker.record(a_group(a_signal(key_id(2))))
    undelivered = saved(a_finding(), recorded.incident)
    outbox = Outbox().with_last(Channel.ALERTS, Alert(subject="s", body="b", attributes={}).message)
    late = replace(undelivered, incident=replace(undelivered.incident, outbox=outbox))
    worker.save_and_release(replace(late, due_at=NOON + timedelta(minutes=1)))
    tables.now += timedelta(minutes=5)
    first, second = worker.due()
    assert (first.ref.key, first.since) == (key_id(2), NOON + timedelta(minutes=1))
    assert (second.ref.key, second.since) == (key_id(1), NOON)
    claimed = worker.claim_due(first.ref)
    assert claimed is not None
    worker.save_and_release(IncidentUpdate(incident=replace(claimed, outbox=Outbox()), due_at=NOON))
    assert [due.ref.key for due in worker.due()] == [key_id(1), key_id(2)]


def test_an_incident_whose_worker_crashed_becomes_due_when_the_claim_has_expired(
    tables: Tables,
) -> None:
    ref = tables.worker("dies").record(a_group()).incident.ref
    assert all_due(tables.worker()) == []
    tables.now += timedelta(seconds=CLAIM_SECONDS + 1)
    assert all_due(tables.worker()) == [ref]
    claimed = tables.worker().claim_due(ref)
    assert claimed is not None
    assert (claimed.triage, claimed.signal) == (TriageState.PENDING, a_signal())


def test_an_incident_that_the_next_failure_ends_is_left_to_the_timer_to_close(tables: Tables) -> None:
    worker = tables.worker()
    first = worker.record(a_group()).incident
    save_as_alerted(worker, first)
    tables.now += QUIET + timedelta(seconds=1)
    worker.record(a_group())
    assert all_due(worker) == [first.ref]
    claimed = worker.claim_due(first.ref)
    assert claimed is not None
    assert (claimed.closed, claimed.closing_reported) == (True, False)
    worker.save_and_release(IncidentUpdate(incident=replace(claimed, closing_reported=True)))
    assert all_due(worker) == []


def test_an_incident_that_was_ended_is_not_closed_again_by_the_next_failure(tables: Tables) -> None:
    worker = tables.worker()
    first = worker.record(a_group()).incident
    save_with_timer(worker, first, NOON)
    tables.now += QUIET + timedelta(seconds=1)
    claimed = worker.claim_due(first.ref)
    assert claimed is not None
    assert worker.close(claimed)
    worker.save_and_release(IncidentUpdate(incident=replace(claimed, closing_reported=True)))
    worker.record(a_group())
    assert all_due(worker) == []


def test_an_incident_is_not_closed_before_it_is_over_nor_as_resolved_when_a_call_failed_meanwhile(
    tables: Tables,
) -> None:
    worker = tables.worker()
    save_with_timer(worker, worker.record(a_group()).incident, NOON)
    claimed = worker.claim_due(worker.record(a_group()).incident.ref)
    assert claimed is not None
    assert not worker.close(claimed)
    worker.record(a_group())
    assert not worker.close(claimed, resolved=True)
    assert worker.close(replace(claimed, count=3), resolved=True)


def test_what_was_reported_is_read_back_the_same(tables: Tables) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group())
    alert = Alert(subject="s", body="b", attributes={"cause": "c"})
    event = {"count": 1, "predicted": False, "callers": []}
    chat = {"version": "1.0", "content": {"title": "s", "keywords": ["c"]}}
    changes: dict[str, Any] = {
        "reported": ReportedState(
            objections=frozenset({"SIGNATURE", "TOKEN"}),
            count=3,
            callers=frozenset(recorded.incident.callers),
            regions=frozenset({"eu-central-1"}),
            updated_at={UpdateKind.NEW_CALLER: NOON},
            alert_at=NOON,
            alert_count=2,
            reactivated_at=NOON,
            is_held=True,
            shared=SharedAlert(group="a", until=NOON),
        ),
        "outbox": Outbox(
            {Channel.EVENTS: (event,), Channel.CHAT: (chat, chat), Channel.ALERTS: (alert.message,)}
        ),
        "alerted": replace(a_finding().assessment, action=Action.ROTATE, contact="a@example.com"),
        "alerts_sent": 1,
        "recheck_at": NOON,
        "rechecked": True,
    }
    update = replace(saved(a_finding(), recorded.incident, **changes), due_at=NOON)
    worker.save_and_release(update)
    claimed = worker.claim_due(recorded.incident.ref)
    assert claimed == replace(update.incident, open_until=NOON + QUIET)
    worker.record_sent(replace(claimed, outbox=Outbox(), alerts_sent=2))
    [item] = tables.items()
    assert (item["alertsSent"], item["claimedBy"]) == ({"N": "2"}, {"S": "worker-1"})


def test_what_could_not_be_written_is_found_out_without_a_write(tables: Tables) -> None:
    worker = tables.worker()
    update = saved(a_finding(), worker.record(a_group()).incident)
    calls = tables.calls_of_the_next()
    worker.check(update)
    with pytest.raises(TypeError, match="Float types are not supported"):
        worker.check(replace(update, incident=replace(update.incident, alerts_sent=0.5)))  # type: ignore[arg-type]
    assert calls == []


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        (
            {"outcome": "succeeded", "at": "2026-03-14T12:00:00Z", "newKey": key_id(2), "reason": "-"},
            RotationEnd(succeeded=True, at=NOON, new_key=key_id(2)),
        ),
        (
            {"outcome": "failed", "at": "2026-03-14T12:00:00Z", "newKey": "-", "reason": "no room"},
            RotationEnd(succeeded=False, at=NOON, reason="no room"),
        ),
    ],
)
def test_what_came_of_a_rotation_is_read_with_the_incident(
    tables: Tables, attribute: dict[str, str], expected: RotationEnd
) -> None:
    worker = tables.worker()
    ref = worker.record(a_group()).incident.ref
    tables.clients.dynamodb.update_item(
        TableName="Incidents",
        Key={"accessKeyId": {"S": ref.key}, "openedAt": {"S": ref.opened_at}},
        UpdateExpression="SET #rotation = :rotation",
        ExpressionAttributeNames={"#rotation": "rotation"},
        ExpressionAttributeValues={":rotation": {"M": {k: {"S": v} for k, v in attribute.items()}}},
    )
    tables.now += timedelta(minutes=1)
    claimed = worker.claim_due(ref)
    assert claimed is not None
    assert claimed.rotation == expected


def test_an_id_that_is_kept_as_a_hash_is_not_evaluated_by_what_is_kept(tables: Tables) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group(a_signal("no key looks so")))
    tables.now += timedelta(minutes=1)
    claimed = worker.claim_due(recorded.incident.ref)
    assert claimed is not None
    assert claimed.signal is None


def a_change_of_the_key(event_name: str = "UpdateAccessKey", at: datetime = NOON) -> KeyStateChange:
    return KeyStateChange(
        access_key_id=key_id(), event_name=event_name, at=at, by="user/bob", user_name="alice"
    )


LATER = NOON + timedelta(minutes=3)


@pytest.mark.parametrize("event_name", ["UpdateAccessKey", "DeleteAccessKey"])
def test_a_change_of_its_key_claims_an_incident_that_was_alerted_before(
    incidents: Incidents, event_name: str
) -> None:
    assert incidents.claim_for_key_change(a_change_of_the_key(event_name, LATER)) is None
    save_as_alerted(incidents, incidents.record(a_group()).incident)
    assert (
        incidents.claim_for_key_change(a_change_of_the_key(event_name, NOON - timedelta(minutes=1))) is None
    )
    claimed = incidents.claim_for_key_change(a_change_of_the_key(event_name, LATER))
    assert claimed is not None
    on = Reactivation(at=LATER, by="user/bob") if event_name == "UpdateAccessKey" else None
    assert claimed.reactivation == on
    assert claimed.count == 1


def test_a_change_of_the_key_of_a_suppressed_incident_is_nothing(incidents: Incidents) -> None:
    save_as_suppressed(incidents, incidents.record(a_group()).incident)
    assert incidents.claim_for_key_change(a_change_of_the_key(at=LATER)) is None


def test_a_change_of_the_key_waits_for_the_worker_that_is_at_the_incident(tables: Tables) -> None:
    tables.worker("first").record(a_group())
    with pytest.raises(BusyError):
        tables.worker("second").claim_for_key_change(a_change_of_the_key(at=LATER))


def test_new_regions_are_added_even_when_no_more_callers_are(incidents: Incidents) -> None:
    save_as_alerted(incidents, incidents.record(a_group()).incident)
    crowd = [a_signal(caller=a_caller(source=f"198.51.100.{n}")) for n in range(MAX_CALLERS + 5)]
    incidents.record(a_group(*crowd))
    recorded = incidents.record(a_group(a_signal(region="us-east-1"), a_signal(region="eu-west-1")))
    assert set(recorded.incident.regions) == {"eu-central-1", "eu-west-1", "us-east-1"}
    assert len(recorded.incident.callers) == MAX_CALLERS


def test_a_record_of_who_deactivated_the_key_leads_to_an_evaluation_where_nobody_was_known(
    incidents: Incidents,
) -> None:
    finding = a_finding()
    nobody = replace(finding.decision, guardrail=Guardrail.SWITCHED_OFF_BY_A_PERSON)
    recorded = incidents.record(a_group())
    asks = saved(replace(finding, decision=nobody), recorded.incident, alerts_sent=1)
    incidents.save_and_release(asks)
    earlier = a_predicted_outage(at=NOON - timedelta(minutes=1))
    assert incidents.record(a_group(earlier)).signal == a_signal()


OFF = a_predicted_outage()


def alerted_by(finding: Finding) -> IncidentUpdate:
    return saved(finding, finding.incident, alerts_sent=1)


def a_predicted_incident(tables: Tables) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group(OFF))
    assert recorded.signal
    assert (recorded.incident.opened_by_prediction, recorded.incident.count, recorded.incident.callers) == (
        True,
        0,
        (),
    )
    worker.save_and_release(alerted_by(a_finding(a_case(OFF), recorded.incident)))


@pytest.mark.parametrize("signal", [a_signal(), OFF], ids=["a failure", "another switch-off"])
def test_a_prediction_is_evaluated_again(tables: Tables, signal: Signal) -> None:
    a_predicted_incident(tables)
    recorded = tables.worker().record(a_group(signal))
    assert recorded.signal
    assert recorded.incident.opened_by_prediction
    assert alerted_cause(recorded.incident) is Cause.DEACTIVATED_IN_USE


def test_an_unrelated_failure_does_not_replace_a_prediction(tables: Tables) -> None:
    a_predicted_incident(tables)
    assert not tables.worker().record(a_group(LOOK_ALIKE)).signal


def test_after_the_failures_were_alerted_a_deactivation_is_not_evaluated_again(tables: Tables) -> None:
    a_predicted_incident(tables)
    worker = tables.worker()
    recorded = worker.record(a_group())
    worker.save_and_release(alerted_by(a_finding(a_case(), recorded.incident)))
    again = tables.worker().record(a_group(OFF))
    assert not again.signal
    assert again.incident.opened_by_prediction


def test_a_predicted_incident_that_fails_ends_after_the_quiet_period(tables: Tables) -> None:
    a_predicted_incident(tables)
    worker = tables.worker()
    recorded = worker.record(a_group())
    worker.save_and_release(alerted_by(a_finding(a_case(), recorded.incident)))
    tables.now += QUIET + timedelta(seconds=1)
    assert not tables.worker().record(a_group()).incident.opened_by_prediction


def test_a_prediction_of_what_has_failed_does_not_keep_its_incident_open(tables: Tables) -> None:
    worker = tables.worker()
    save_as_alerted(worker, worker.record(a_group()).incident)
    worker.record(a_group(a_predicted_outage(at=NOON - timedelta(hours=1))))
    tables.now += QUIET + timedelta(seconds=1)
    assert worker.record(a_group()).incident.count == 1


def test_a_predicted_incident_that_is_undone_ends_after_the_quiet_period(tables: Tables) -> None:
    a_predicted_incident(tables)
    worker = tables.worker()
    claimed = worker.claim_for_key_change(a_change_of_the_key(at=LATER))
    assert claimed is not None
    assert claimed.open_until == tables.now + QUIET


def test_a_predicted_incident_waits_for_its_failures_as_long_as_a_key_counts_as_in_use(
    tables: Tables,
) -> None:
    a_predicted_incident(tables)
    tables.now += PREDICTION_WINDOW - timedelta(seconds=1)
    assert tables.worker().record(a_group()).incident.opened_by_prediction
    tables.now += QUIET + timedelta(seconds=1)
    assert not tables.worker().record(a_group()).incident.opened_by_prediction


def test_a_key_that_is_deactivated_after_its_incident_was_alerted_is_evaluated(tables: Tables) -> None:
    worker = tables.worker()
    recorded = worker.record(a_group())
    worker.save_and_release(alerted_by(a_finding(a_case(), recorded.incident)))
    tables.now += timedelta(hours=1)
    assert tables.worker().record(a_group(a_predicted_outage(at=tables.now))).signal
    assert not tables.worker().record(a_group(a_predicted_outage(at=NOON - timedelta(hours=1)))).signal


def test_an_unrelated_error_does_not_shorten_the_wait_for_a_predicted_failure(tables: Tables) -> None:
    a_predicted_incident(tables)
    tables.now += timedelta(hours=1)
    tables.worker().record(a_group(LOOK_ALIKE))
    tables.now += timedelta(hours=12)
    assert tables.worker().record(a_group()).incident.opened_by_prediction


def when_it_claims(tables: Tables, race: Callable[[], object]) -> None:
    """What another worker does between the next one's counting and its claim."""
    raced = list[bool]()

    def late(params: dict[str, Any], **_: object) -> None:
        if b"claimedUntil" in params["body"] and not raced:
            raced.append(True)
            race()

    tables.clients.dynamodb.meta.events.register("before-call.dynamodb.UpdateItem", late)


def a_suppressed_incident_that_is_due_for_evaluation(
    tables: Tables,
) -> tuple[DynamoIncidents, DynamoIncidents]:
    one, two = tables.worker("one"), tables.worker("two")
    save_as_suppressed(one, one.record(a_group()).incident)
    tables.now += timedelta(minutes=5)
    return one, two


def test_a_worker_that_was_slow_to_claim_sees_what_was_alerted_meanwhile(tables: Tables) -> None:
    one, two = a_suppressed_incident_that_is_due_for_evaluation(tables)
    when_it_claims(tables, lambda: save_as_alerted(one, one.record(a_group()).incident))
    incident = two.record(a_group()).incident
    assert (alerted_cause(incident), incident.alerts_sent) == (Cause.KEY_INACTIVE, 1)


@pytest.mark.parametrize(("held_by", "comes_again"), [(a_signal(), False), (LOOK_ALIKE, True)])
def test_a_counted_failure_is_retried_only_if_the_faster_worker_evaluates_less_specific_ones(
    tables: Tables, held_by: Signal, comes_again: bool
) -> None:
    one, two = a_suppressed_incident_that_is_due_for_evaluation(tables)
    when_it_claims(tables, lambda: one.record(a_group(held_by)))
    if comes_again:
        with pytest.raises(BusyError):
            two.record(a_group())
    else:
        assert not two.record(a_group()).signal
    [item] = tables.items()
    assert item["count"] == {"N": "3"}


def test_a_repeat_moves_no_timer_that_is_set(tables: Tables) -> None:
    worker = tables.worker()
    save_with_timer(worker, worker.record(a_group()).incident, NOON + timedelta(hours=1))
    worker.record(a_group())
    [item] = tables.items()
    assert item["dueAt"] == {"N": str(int((NOON + timedelta(hours=1)).timestamp()))}


def test_of_several_keys_those_with_an_open_incident_are_found(incidents: Incidents) -> None:
    keys = [key_id(number) for number in range(1, 41)]
    for key in keys[:3]:
        incidents.record(a_group(a_signal(key)))
    assert incidents.open_keys(keys) == set(keys[:3])


def test_an_incident_that_was_quiet_for_long_enough_is_not_open(tables: Tables) -> None:
    worker = tables.worker()
    worker.record(a_group())
    tables.now += QUIET
    assert worker.open_keys([key_id()]) == frozenset()
    assert not worker.remembers(key_id())


def test_a_worker_remembers_the_open_incidents_that_it_counted(tables: Tables) -> None:
    worker = tables.worker()
    worker.record(a_group())
    calls = tables.calls_of_the_next()
    assert worker.remembers(key_id())
    assert not tables.worker("worker-2").remembers(key_id())
    assert calls == []


def test_a_shared_incident_is_read_back_with_its_signal(tables: Tables) -> None:
    signal = a_signal("", folded_into="unknown:123456789012:192.0.2.1")
    [recorded] = [tables.worker().record(a_group(signal))]
    again = tables.worker("worker-2").record(a_group(signal)).incident
    assert (recorded.incident.key, again.signal, again.count) == (signal.folded_into, signal, 2)


def test_twenty_user_agents_of_one_source_hide_no_other_source(incidents: Incidents) -> None:
    production = a_caller("192.0.2.1", "production")
    for number in range(25):
        incidents.record(a_group(a_signal(caller=a_caller(user_agent=f"agent-{number}"))))
    incident = incidents.record(a_group(a_signal(caller=production))).incident
    assert production in incident.callers
    assert (len(incident.callers), incident.other_calls) == (3, {a_caller().source: 23})
    assert incident.count == 26


def test_calls_of_sources_beyond_the_limit_are_counted(incidents: Incidents) -> None:
    crowd = [a_signal(caller=a_caller(f"198.51.100.{number}")) for number in range(MAX_CALLERS + 5)]
    incidents.record(a_group(*crowd))
    incident = incidents.record(a_group(a_signal(caller=a_caller("192.0.2.1")))).incident
    assert (len(incident.callers), incident.other_calls) == (MAX_CALLERS, {"": 6})
