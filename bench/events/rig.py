"""Runs in a process of its own: invokes the handler with broken keys and measures each invocation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import boto3
import botocore

from bench.events.broken_keys import BrokenKey, KeyBreaker
from bench.events.invocation import Context, refused_call
from bench.events.requests import Recorder, Requests
from bench.events.scenarios import FIRST, REPEATED, WARM, Scenario
from bench.moto.history import History
from lambdas.alerting.adapters.alert_turns import TURNS_ITEM
from lambdas.handlers.remediate import handler
from lambdas.incidents.adapters.unknown_id_counts import UNKNOWN_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient

    from bench.events.deployment import Deployment


class WrongAnswerError(Exception):
    """The handler did not do what is measured, so the measurement is invalid."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    scenario: Scenario
    users: int
    requests: Requests
    seconds: float


def break_keys(deployment: Deployment, scenarios: Iterable[Scenario]) -> list[BrokenKey]:
    breaker = KeyBreaker(deployment.test_user)
    return [breaker.break_key(scenario) for scenario in scenarios]


def measure_first_of_the_process(deployment: Deployment, scenario: Scenario, key: BrokenKey) -> Sample:
    return Rig(deployment).measure(scenario, key)


def measure_warm(deployment: Deployment, events: int) -> list[Sample]:
    rig, breaker = Rig(deployment), KeyBreaker(deployment.test_user)
    rig.warm_up(breaker.break_key(FIRST))
    return [rig.measure(scenario, breaker.break_key(scenario)) for _ in range(events) for scenario in WARM]


class Rig:
    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._recorder = Recorder()
        self._history = History()
        botocore.register_initializer(self._recorder.attach)
        botocore.register_initializer(self._history.attach)

    def warm_up(self, key: BrokenKey) -> None:
        """Lets the function create its clients and search a probe key for an unknown key."""
        self._history.replace(key.history)
        _invoke(key)

    def measure(self, scenario: Scenario, key: BrokenKey) -> Sample:
        self._history.replace(key.history)
        self._forget_the_events_before()
        if scenario.name == REPEATED:
            _invoke(key)
        requests, seconds = self._recorder.record(lambda: _invoke(key))
        if not requests.writes:
            raise WrongAnswerError("requests are not recorded: every event writes")
        self._check(scenario, key)
        return Sample(scenario=scenario, users=self._deployment.users, requests=requests, seconds=seconds)

    def _check(self, scenario: Scenario, key: BrokenKey) -> None:
        recorded = self._dynamodb.query(
            TableName=self._deployment.settings.incident_table_name,
            KeyConditionExpression="accessKeyId = :key",
            ExpressionAttributeValues={":key": {"S": key.access_key_id}},
        )["Items"]
        events = 2 if scenario.name == REPEATED else 1
        expected = {"cause": {"S": scenario.cause}, "alertsSent": {"N": "1"}, "count": {"N": f"{events}"}}
        if [{name: incident.get(name) for name in expected} for incident in recorded] != [expected]:
            raise WrongAnswerError(f"{scenario.name}: {recorded} instead of {expected}")

    def _forget_the_events_before(self) -> None:
        """As if each event were the first of its hour: there are more unknown ids than have an incident of
        their own, and an alert that follows another one waits for its turn.
        """
        for item in (UNKNOWN_IDS, TURNS_ITEM):
            table = self._deployment.settings.lease_table_name
            self._dynamodb.delete_item(TableName=table, Key={"name": {"S": item}})

    @cached_property
    def _dynamodb(self) -> DynamoDBClient:
        """Uses a session of its own, so that the function starts without cached clients."""
        return boto3.Session().client("dynamodb")


def _invoke(key: BrokenKey) -> None:
    answer = handler(refused_call(key.access_key_id), cast("LambdaContext", Context()))
    if answer["batchItemFailures"]:
        raise WrongAnswerError(f"the handler failed: {answer}")
