"""A diagnosis: the cause of a failure, its certainty, the facts that support it, and remedies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lambdas.aws.domain.deployment import Deployment
from lambdas.detection.domain.signal import Signal
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.evidence import Evidence


class Confidence(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def lowered(self) -> Confidence:
        return Confidence.LIKELY if self is Confidence.CERTAIN else Confidence.POSSIBLE


class RemedyKind(StrEnum):
    LOOK = "look"  # harmless, whatever else is done
    CHOICE = "choice"  # changes something; of several, one is to be chosen
    NEXT = "next"  # what follows a choice
    LATER = "later"  # what waits until something else is done


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What a person can do."""

    purpose: str
    commands: tuple[str, ...]  # for bash and zsh, runnable as printed
    kind: RemedyKind = RemedyKind.LOOK

    @classmethod
    def of(cls, purpose: str, *commands: str) -> Remedy:
        return cls(purpose=purpose, commands=commands)

    @property
    def as_choice(self) -> Remedy:
        return replace(self, kind=RemedyKind.CHOICE)

    @property
    def as_later(self) -> Remedy:
        return replace(self, kind=RemedyKind.LATER)

    @property
    def as_next(self) -> Remedy:
        return replace(self, kind=RemedyKind.NEXT)

    def only(self, condition: str) -> Remedy:
        """For a change that is right only under a condition, which a person must check first."""
        purpose = f"{condition}, {self.purpose[0].lower()}{self.purpose[1:]}"
        return replace(self, purpose=purpose, kind=RemedyKind.LATER)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    cause: Cause
    confidence: Confidence
    facts: tuple[str, ...]  # single lines, safe to print
    remedies: tuple[Remedy, ...] = ()
    exposes_secret: bool = False  # the failed call itself put a secret where others can read it


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything that a cause is derived from."""

    signal: Signal
    evidence: Evidence
    deployment: Deployment
    found_inactive_at: datetime | None = None  # when the incident's last alert was about an inactive key
