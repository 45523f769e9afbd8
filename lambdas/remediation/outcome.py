"""The result of a batch of signals, or of a run of the alert timer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdas.aws.sqs_batch import Outcome
from lambdas.errors import TransientError
from lambdas.incidents.domain.finding import Finding
from lambdas.rotation.domain.notification import Notification


@dataclass(frozen=True, kw_only=True)
class RemediationOutcome(Outcome):
    findings: list[Finding] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)  # those that were sent

    def add(self, finding: Finding) -> None:
        """What it could not read failed, though it was reported."""
        self.findings.append(finding)
        self.failures.extend(map(TransientError, finding.unread_faults))
