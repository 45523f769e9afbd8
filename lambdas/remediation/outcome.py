"""The result of a batch of signals, or of a run of the alert timer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.aws.sqs_batch import Outcome
from lambdas.incidents.domain.finding import Finding
from lambdas.rotation.domain.notification import Notification


@dataclass(frozen=True, kw_only=True)
class RemediationOutcome(Outcome):
    findings: list[Finding] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)  # those that were sent
