from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.incidents.adapters.key_incidents import DynamoKeyIncidents
from tests.contract.incidents.test_incidents import Tables, a_group
from tests.support.builders import a_caller, a_signal, key_id

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


def test_the_newest_incident_of_the_key_names_whose_calls_failed(clients: Clients) -> None:
    tables = Tables(clients)
    failed = DynamoKeyIncidents(clients, "Incidents")
    assert failed.callers_of(key_id()) == ()
    tables.worker("remediator").record(a_group(a_signal(key_id())))
    assert failed.callers_of(key_id()) == (a_caller(),)
    assert failed.callers_of(key_id(2)) == ()
