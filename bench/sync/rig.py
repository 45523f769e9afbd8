"""Runs in a process of its own: invokes the sync's handler until a sync is complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import boto3
import botocore

from bench.events.invocation import Context
from bench.events.requests import Recorder, Requests
from bench.events.scenarios import IAM_CALLS_A_SECOND, SYNC_MEBIBYTES, SYNC_SECONDS
from bench.memory import peak_bytes
from bench.moto.tables import LEASES
from lambdas.handlers.sync_keys import handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_MOST_RUNS = 100


class UnfinishedSyncError(Exception):
    """The sync did not end within the expected number of runs."""


@dataclass(frozen=True, kw_only=True)
class SyncRuns:
    """The requests of each invocation, the total duration in seconds, and the peak memory."""

    requests: tuple[Requests, ...]
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, kw_only=True)
class PacedContext(Context):
    """Reduces the remaining time by IAM's share of a second for each call, however fast moto is."""

    recorder: Recorder

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (SYNC_SECONDS - seconds_of(self.recorder.names)))


def seconds_of(names: tuple[str, ...]) -> float:
    """The duration at IAM's request rate."""
    return sum(name.startswith("iam.") for name in names) / IAM_CALLS_A_SECOND


def run_sync() -> SyncRuns:
    recorder = Recorder()
    botocore.register_initializer(recorder.attach)
    runs: list[tuple[Requests, float]] = []
    while not _has_ended():
        if len(runs) == _MOST_RUNS:
            raise UnfinishedSyncError(f"not within {_MOST_RUNS} invocations")
        runs.append(recorder.record(lambda: _invoke(recorder)))
    return SyncRuns(
        requests=tuple(requests for requests, _ in runs),
        seconds=sum(seconds for _, seconds in runs),
        peak_bytes=peak_bytes(),
    )


def _invoke(recorder: Recorder) -> None:
    context = PacedContext(function_name="sync_keys", memory_limit_in_mb=SYNC_MEBIBYTES, recorder=recorder)
    handler({"onlyIfDue": True}, cast("LambdaContext", context))


def _has_ended() -> bool:
    """Uses a session of its own, so that the function starts without cached clients."""
    dynamodb = boto3.Session().client("dynamodb")
    progress = dynamodb.get_item(TableName=LEASES, Key={"name": {"S": "sync"}})
    return "finishedAt" in progress.get("Item", {})
