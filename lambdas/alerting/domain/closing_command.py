"""The command by which a person closes an incident that does not close by itself."""

from __future__ import annotations

import json
import re

from lambdas.aws.domain.deployment import Deployment
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.incidents.domain.incident import IncidentRef

_PLAIN = re.compile(r"[A-Za-z0-9:._/-]+")
_BY = (
    '"{\\":by\\": {\\"S\\": \\"$(aws sts get-caller-identity --query Arn --output text)\\"},'
    ' \\":now\\": {\\"N\\": \\"$(date +%s)\\"}}"'
)


def close_incident(ref: IncidentRef, deployment: Deployment) -> tuple[Remedy, ...]:
    """The alert timer sees who closed it, and when it is to look. None if the incident's key has characters
    that a shell may interpret, as a caller can choose some of it.
    """
    if not _PLAIN.fullmatch(ref.key):
        return ()
    key = json.dumps({"accessKeyId": {"S": ref.key}, "openedAt": {"S": ref.opened_at}})
    return (
        Remedy.of(
            "Once that secret is useless, close the incident, which nothing else closes",
            f"aws dynamodb update-item --region={deployment.region}"
            f" --table-name={deployment.incident_table} --key '{key}'"
            " --condition-expression 'attribute_exists(dueAt)'"
            " --update-expression 'SET closedBy = :by, dueAt = :now'"
            f" --expression-attribute-values {_BY}",
        ).as_later,
    )
