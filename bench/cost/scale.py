"""What a sync of many users, an enrolled user, and failures cost besides."""

from __future__ import annotations

from bench import prices
from bench.cost.idle import HOURS
from bench.cost_line import CostLine

USERS = KEYS = 5_000
# docs/performance.md: the first sync of 5,000 users, and a million events of a storm (make bench).
SYNC_IAM_CALLS = 10_049
SYNC_SECONDS = 1_005
MILLION_FAILURES_DOLLARS = 2.36
SYNC_MIB = 256
# A user is read and written once, a key twice, and a key's write changes an index too.
SYNC_READS, SYNC_WRITES = USERS + 2 * KEYS, USERS + 2 * KEYS * 2
DAILY = HOURS / 24


def sync_lines() -> list[CostLine]:
    """A month of daily syncs of USERS with KEYS."""
    read, write = DAILY * SYNC_READS, DAILY * SYNC_WRITES
    time = DAILY * SYNC_SECONDS * SYNC_MIB / 1024
    how = "each user once, each key twice"
    return [
        CostLine(what="DynamoDB, reads", amount=read, price=prices.DYNAMODB_READ_UNIT, how=how),
        CostLine(what="DynamoDB, writes", amount=write, price=prices.DYNAMODB_WRITE_UNIT, how=how),
        CostLine(what="Lambda, time", amount=time, price=prices.LAMBDA_GB_SECOND, how="a daily sync"),
    ]


def second_trail() -> CostLine:
    calls = DAILY * SYNC_IAM_CALLS
    return CostLine(what="CloudTrail", amount=calls, price=prices.TRAIL_EVENT, how="IAM calls of the syncs")
