from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.incidents.adapters.failed_calls import DynamoFailedCalls
from tests.contract.incidents.test_incidents import Tables, sightings
from tests.support.builders import a_caller, a_signal, key_id

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


def test_whose_calls_failed_is_told_by_the_newest_incident_of_the_key(clients: Clients) -> None:
    tables = Tables(clients)
    failed = DynamoFailedCalls(lambda: clients.dynamodb, "Incidents")
    assert failed.callers_of(key_id()) == ()
    tables.worker("remediator").record(sightings(a_signal(key_id())))
    assert failed.callers_of(key_id()) == (a_caller(),)
    assert failed.callers_of(key_id(2)) == ()
