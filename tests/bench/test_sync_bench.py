"""The cost of a full sync of few users, held on every run; those of thousands are for `make bench`."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.events.requests import Requests
from bench.events.scenarios import SYNC_MEBIBYTES, SYNC_SECONDS
from bench.memory import MEBIBYTE, peak_bytes
from bench.processes import aws_environment, in_a_new_process
from bench.sync.account import SyncAccount
from bench.sync.measurement import SyncSample, measure_sync
from bench.sync.rig import SyncRuns
from infra.ledger.sync_keys import TIMEOUT

USERS = 101  # one more than a page


@pytest.fixture(scope="module")
def sample() -> SyncSample:
    return measure_sync(USERS)


def test_a_sync_asks_iam_once_for_each_page_each_user_and_each_key(sample: SyncSample) -> None:
    calls = Counter(name for name in sample.requests.names if name.startswith("iam."))
    assert calls == {
        "iam.GetAccountAuthorizationDetails": 2,
        "iam.ListAccessKeys": USERS,
        "iam.GetAccessKeyLastUsed": sample.account.keys,
    }


def test_a_sync_stays_within_its_targets(sample: SyncSample) -> None:
    assert [figure for figure in sample.figures if not figure.is_met] == []


def test_a_figure_of_a_sync_above_its_target_is_a_miss() -> None:
    runs = SyncRuns(
        requests=(Requests(("iam.ListAccessKeys",) * (10 * SYNC_SECONDS + 1)),),
        seconds=1.0,
        peak_bytes=(SYNC_MEBIBYTES + 1) * MEBIBYTE,
    )
    figures = SyncSample(account=SyncAccount(3), runs=runs).figures
    assert [figure.is_met for figure in figures] == [False, False, False]


def test_a_third_of_the_users_has_no_key_one_key_or_two() -> None:
    account = SyncAccount(users=300)
    assert (account.keys, account.pages) == (300, 3)


def test_the_time_limit_is_that_of_the_function() -> None:
    assert TIMEOUT.to_seconds() == SYNC_SECONDS


def test_the_memory_of_a_process_does_not_include_its_parents() -> None:
    ballast = bytearray(SYNC_MEBIBYTES * MEBIBYTE)
    assert in_a_new_process(aws_environment(), peak_bytes) < len(ballast) // 2
