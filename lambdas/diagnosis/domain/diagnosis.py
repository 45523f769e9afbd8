"""A diagnosis: the one cause of a failure, how sure it is, what it rests on and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.aws.domain.deployment import Deployment
    from lambdas.detection.domain.signal import Signal
    from lambdas.diagnosis.domain.cause import Cause
    from lambdas.diagnosis.domain.evidence import Evidence


class Confidence(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What a person can do: a purpose in words and POSIX shell commands that run as they stand."""

    purpose: str
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """`facts` are single lines, already harmless to print. `exposes_a_secret` says that the failing
    call itself put a secret where others can read it.
    """

    cause: Cause
    confidence: Confidence
    facts: tuple[str, ...]
    remedies: tuple[Remedy, ...] = ()
    exposes_a_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a cause may look at."""

    signal: Signal
    evidence: Evidence
    home: Deployment
