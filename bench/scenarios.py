"""What is measured, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.domain.cause import Cause

NUMBERS_OF_USERS = (10, 100, 1000)
IMPORT_RATIO = 1.5


@dataclass(frozen=True, kw_only=True)
class Limits:
    """At most so many requests; those to CloudTrail's LookupEvents are counted apart and not limited."""

    calls: int
    reads: int
    writes: int


FIRST_EVENT = Limits(calls=6, reads=2, writes=2)
REPEAT = Limits(calls=0, reads=0, writes=1)
# Once in a deployment's life a witness is sought and remembered, which is a write more than a first event.
FIRST_OF_THE_DEPLOYMENT = Limits(calls=6, reads=2, writes=3)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """An event of a key that is broken so that `cause` is the right diagnosis. In a new process nothing
    is remembered but what the tables hold; in a new deployment these are empty.
    """

    name: str
    cause: Cause
    limits: Limits = FIRST_EVENT


REPEATED = "repeat of a told key"
WARM = (
    Scenario(name="inactive key", cause=Cause.KEY_INACTIVE),
    Scenario(name="deleted key", cause=Cause.KEY_DELETED),
    Scenario(name="unknown key", cause=Cause.UNKNOWN_KEY),
    Scenario(name=REPEATED, cause=Cause.KEY_INACTIVE, limits=REPEAT),
)
COLD = (
    Scenario(name="deleted key, new process", cause=Cause.KEY_DELETED),
    Scenario(name="unknown key, new process", cause=Cause.UNKNOWN_KEY),
)
FIRST = Scenario(name="unknown key, new deployment", cause=Cause.UNKNOWN_KEY, limits=FIRST_OF_THE_DEPLOYMENT)
ALL = (*WARM, *COLD, FIRST)
