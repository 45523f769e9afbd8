"""Measures all scenarios with one number of users, against a moto server of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.events.deployment import Deployment, deploy
from bench.events.rig import Sample, break_keys, measure_first_of_the_process, measure_warm
from bench.events.scenarios import COLD, FIRST, Scenario
from bench.moto.server import moto_server
from bench.processes import aws_environment, in_a_new_process

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def measure(users: int, *, warm_events: int, cold_events: int) -> list[Sample]:
    with moto_server() as endpoint_url:
        environment = aws_environment(endpoint_url)
        deployment = in_a_new_process(environment, deploy, users)
        environment |= deployment.settings.to_env()
        return [
            *_measure_cold(environment, deployment, [FIRST]),
            *in_a_new_process(environment, measure_warm, deployment, warm_events),
            *_measure_cold(environment, deployment, COLD * cold_events),
        ]


def _measure_cold(
    environment: dict[str, str], deployment: Deployment, scenarios: Sequence[Scenario]
) -> Iterator[Sample]:
    keys = in_a_new_process(environment, break_keys, deployment, scenarios)
    for scenario, key in zip(scenarios, keys, strict=True):
        yield in_a_new_process(environment, measure_first_of_the_process, deployment, scenario, key)
