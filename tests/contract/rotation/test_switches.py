from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.rotation.adapters.ssm_switches import SsmSwitches
from lambdas.rotation.domain.modes import Mode

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


def turn(clients: Clients, value: str) -> None:
    clients.ssm.put_parameter(Name="/mode", Value=value, Type="String", Overwrite=True)


@pytest.mark.parametrize(("seconds", "seen"), [(60, Mode.AUTO), (0, Mode.NOTIFY)])
def test_a_changed_switch_is_read_when_the_cached_answer_expires(
    clients: Clients, seconds: float, seen: Mode
) -> None:
    now = [0.0]
    switches = SsmSwitches(clients, "/kill", mode="/mode", clock=lambda: now[0], seconds=seconds)
    turn(clients, "auto")
    assert switches.mode() is Mode.AUTO
    turn(clients, "notify")
    now[0] = 59
    assert switches.mode() is seen
    now[0] = 61
    assert switches.mode() is Mode.NOTIFY
