"""checkov and the compliance packs of cdk-nag find nothing but what is accepted, for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.checkers import checkov
from tests.infra.checkers.accepted import ACCEPTED
from tests.infra.checkers.assembly import synthesise_with_packs
from tests.infra.checkers.finding import Accepted, Finding, no_longer_found, not_accepted
from tests.infra.configurations import CONFIGURATIONS

if TYPE_CHECKING:
    from pathlib import Path

TOPIC = Finding("R1", "AWS::SNS::Topic Alerts")
QUEUE = Finding("R1", "AWS::SQS::Queue Signals")
TOPICS = Accepted(rules=("R1",), resources=("AWS::SNS::Topic *",), reason="as the test needs it")


@pytest.mark.slow
@pytest.mark.timeout(900)  # with the installation of checkov
def test_every_finding_is_accepted_and_every_accepted_finding_still_occurs(tmp_path: Path) -> None:
    found = {
        finding
        for name, (context, region) in CONFIGURATIONS.items()
        for finding in synthesise_with_packs(context, tmp_path / name, region)
    }
    found |= {*checkov.check(tmp_path)}
    assert not_accepted(found, ACCEPTED) == []
    assert no_longer_found(found, ACCEPTED) == []


def test_a_finding_is_accepted_on_the_named_resources_alone() -> None:
    assert not_accepted([TOPIC, QUEUE], [TOPICS]) == [QUEUE]


def test_an_accepted_finding_that_no_longer_occurs_is_named() -> None:
    assert no_longer_found([TOPIC], [TOPICS]) == []
    assert no_longer_found([QUEUE], [TOPICS]) == ["R1 on AWS::SNS::Topic *"]
