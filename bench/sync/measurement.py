"""Measures the first sync of an account, against a moto server of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import boto3

from bench.events.requests import Requests
from bench.events.rig import WrongAnswerError
from bench.events.scenarios import SYNC_MEBIBYTES, SYNC_SECONDS
from bench.figure import Figure
from bench.memory import MEBIBYTE
from bench.moto.server import moto_server
from bench.moto.tables import LEDGER
from bench.processes import aws_environment, in_a_new_process
from bench.sync.account import SyncAccount, deploy_sync
from bench.sync.rig import SyncRuns, run_sync, seconds_of


@dataclass(frozen=True, kw_only=True)
class SyncSample:
    account: SyncAccount
    runs: SyncRuns

    @cached_property
    def requests(self) -> Requests:
        """The requests of all runs."""
        return Requests(tuple(name for requests in self.runs.requests for name in requests.names))

    @property
    def seconds_of_runs(self) -> list[float]:
        """The duration at IAM's request rate."""
        return [seconds_of(requests.names) for requests in self.runs.requests]

    @property
    def figures(self) -> tuple[Figure, Figure, Figure]:
        """The figures of a sync. A sync that missed a key is not a sample, so fewer calls are impossible."""
        account, where = self.account, f"sync of {self.account.users} users"
        return (
            Figure(f"{where}: IAM calls", self.requests.calls, account.pages + account.users + account.keys),
            Figure(f"{where}: seconds of the longest run", max(self.seconds_of_runs), SYNC_SECONDS),
            Figure(f"{where}: MiB", self.runs.peak_bytes / MEBIBYTE, SYNC_MEBIBYTES),
        )


def measure_sync(users: int) -> SyncSample:
    account = SyncAccount(users)
    with moto_server(account.fill_iam) as endpoint_url:
        environment = aws_environment(endpoint_url)
        environment |= in_a_new_process(environment, deploy_sync).to_env()
        runs = in_a_new_process(environment, run_sync)
        in_a_new_process(environment, _check, account)
    return SyncSample(account=account, runs=runs)


def _check(account: SyncAccount) -> None:
    """Checks that the ledger has every user with its tags, and every key with its owner and last use."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=LEDGER)
    items = [item for page in pages for item in page["Items"]]
    found = Counter(frozenset(item) & {"tags", "ownerName", "useCheckedAt"} for item in items)
    expected = Counter(
        {
            frozenset({"tags", "ownerName"}): account.users,
            frozenset({"useCheckedAt", "ownerName"}): account.keys,
        }
    )
    if found != expected:
        raise WrongAnswerError(f"the ledger has {found} instead of {expected}")
