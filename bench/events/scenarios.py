"""The scenarios and their limits."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.diagnosis.domain.cause import Cause

NUMBERS_OF_USERS = (10, 100, 1000)
KEYS_IN_THE_LEDGER_FOR_A_USER = 10  # most of them long deleted
IMPORT_RATIO = 1.2

SYNCED_USERS = (100, 1000, 5000)
# As infra/ledger/sync_keys.py gives them to the function.
SYNC_SECONDS = 300
SYNC_MEBIBYTES = 256
IAM_CALLS_A_SECOND = 10  # what an account may expect of IAM, which documents no rate


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The maximum numbers of requests. LookupEvents is counted separately and has no limit."""

    calls: int = 6
    reads: int = 2
    writes: int = 3  # two of the incident, and one that takes the turn to send the alert
    ledger_reads: int = 3  # one of them separates known keys from unknown ids


FIRST_EVENT = Limits()
# Before an id that the ledger does not know gets an incident, it is counted.
UNKNOWN_ID = Limits(reads=3, writes=4)
# And counted no more, because IAM or CloudTrail knows it.
NOT_IN_THE_LEDGER = Limits(reads=4, writes=5)
REPEAT = Limits(calls=0, reads=0, writes=1, ledger_reads=0)
# A new deployment searches a probe key once and stores it, which is one more write than a first event.
FIRST_OF_THE_DEPLOYMENT = Limits(reads=3, writes=5)
# IAM is asked whether the owner's newer key is in use.
WITH_A_NEWER_KEY = Limits(calls=7)
LEDGER_QUERIES = 2
EXEMPTION_READS = 1  # and none while a warm function remembers them


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """An event of a key that is broken so that `cause` is the correct diagnosis.

    A new process has no caches. In a new deployment all tables but the ledger are empty. The changes of a key
    that is not `in_ledger` are only in CloudTrail's history.
    """

    name: str
    cause: Cause
    limits: Limits = FIRST_EVENT
    in_ledger: bool = False


REPEATED = "repeat of a reported key"
WARM = (
    Scenario(name="inactive key", cause=Cause.KEY_INACTIVE, limits=NOT_IN_THE_LEDGER),
    Scenario(name="deleted key", cause=Cause.KEY_DELETED, limits=NOT_IN_THE_LEDGER),
    Scenario(name="unknown key", cause=Cause.UNKNOWN_KEY, limits=UNKNOWN_ID),
    Scenario(name=REPEATED, cause=Cause.KEY_INACTIVE, limits=REPEAT),
    Scenario(name="inactive key of the ledger", cause=Cause.KEY_INACTIVE, in_ledger=True),
    Scenario(name="deleted key of the ledger", cause=Cause.KEY_DELETED, in_ledger=True),
    Scenario(
        name="superseded key of the ledger",
        cause=Cause.SUPERSEDED_KEY,
        limits=WITH_A_NEWER_KEY,
        in_ledger=True,
    ),
    Scenario(name="deleted user of the ledger", cause=Cause.USER_DELETED, in_ledger=True),
    Scenario(name="near miss of the ledger", cause=Cause.MISTYPED_KEY, limits=UNKNOWN_ID, in_ledger=True),
)
COLD = (
    Scenario(name="deleted key, new process", cause=Cause.KEY_DELETED, limits=NOT_IN_THE_LEDGER),
    Scenario(name="unknown key, new process", cause=Cause.UNKNOWN_KEY, limits=UNKNOWN_ID),
)
FIRST = Scenario(name="unknown key, new deployment", cause=Cause.UNKNOWN_KEY, limits=FIRST_OF_THE_DEPLOYMENT)
ALL = (*WARM, *COLD, FIRST)
