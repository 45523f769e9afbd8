from __future__ import annotations

from lambdas.diagnosis.domain.cause import OF_UNKNOWN_IDS
from lambdas.incidents.domain.unknown_ids import MAX_INCIDENTS_OF_A_SOURCE
from local.demo.scenarios import SCENARIOS


def test_every_unknown_id_of_a_demo_has_an_alert_of_its_own() -> None:
    """All calls come from the loopback address; further ids would share an incident."""
    unknown = [scenario.name for scenario in SCENARIOS if scenario.cause in OF_UNKNOWN_IDS]
    assert len(unknown) <= MAX_INCIDENTS_OF_A_SOURCE
