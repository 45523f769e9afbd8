from __future__ import annotations

import pytest

from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.diagnosis.domain.cause import Severity
from lambdas.diagnosis.domain.evidence import Evidence
from tests.support.builders import (
    OTHER_ACCOUNT,
    a_case,
    a_deleted_key,
    a_finding,
    a_quarantined_key,
    a_signal,
    a_superseded_key,
    an_active_key,
    an_inactive_key,
    an_unknown_key,
    key_id,
)

SUPPRESSED = (Action.SUPPRESS, Guardrail.NOT_A_KEY_FAILURE, Severity.LOW)
OLD_FORM = "AKIAJ2345672345672AB"

CANNOT_ROTATE = (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND)
NOT_ENROLLED = (Action.NOTIFY, Guardrail.NOT_ENROLLED)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
FOREIGN = a_signal(key_id(account=OTHER_ACCOUNT))

TABLE = {
    "healthy": (a_signal(error_message="?"), an_active_key(), SUPPRESSED),
    "active and rejected": (a_signal(), an_active_key(), (*CANNOT_ROTATE, Severity.MEDIUM)),
    "inactive": (a_signal(), an_inactive_key(), (*NOT_ENROLLED, Severity.HIGH)),
    "deleted": (a_signal(), a_deleted_key(), (*NOT_ENROLLED, Severity.HIGH)),
    "superseded": (a_signal(), a_superseded_key(), (*NOT_ENROLLED, Severity.MEDIUM)),
    "quarantined": (
        a_signal(),
        a_quarantined_key(),
        (Action.NOTIFY, Guardrail.QUARANTINED, Severity.CRITICAL),
    ),
    "root": (a_signal(principal_type="Root"), Evidence(), (*CANNOT_ROTATE, Severity.CRITICAL)),
    "suspected secret": (a_signal(SECRET), Evidence(), (*CANNOT_ROTATE, Severity.CRITICAL)),
    "temporary": (a_signal(key_id(prefix="ASIA")), Evidence(), (*CANNOT_ROTATE, Severity.MEDIUM)),
    "active, rejected": (
        a_signal(error_code="SignatureDoesNotMatch"),
        an_active_key(),
        (*CANNOT_ROTATE, Severity.MEDIUM),
    ),
    "placeholder": (a_signal("AKIAIOSFODNN7EXAMPLE"), Evidence(), (*CANNOT_ROTATE, Severity.LOW)),
    "malformed": (a_signal("akia"), Evidence(), (*CANNOT_ROTATE, Severity.LOW)),
    "another account's": (FOREIGN, an_unknown_key(), (*CANNOT_ROTATE, Severity.LOW)),
    "unknown, of this account": (a_signal(), an_unknown_key(), (*CANNOT_ROTATE, Severity.HIGH)),
    "unknown, undecodable": (a_signal(OLD_FORM), an_unknown_key(), (*CANNOT_ROTATE, Severity.LOW)),
    "without a key": (a_signal(""), Evidence(), (*CANNOT_ROTATE, Severity.LOW)),
}


@pytest.mark.parametrize("row", TABLE)
def test_each_diagnosis_has_its_action_guardrail_and_severity(row: str) -> None:
    signal, evidence, expected = TABLE[row]
    decision = a_finding(a_case(signal, evidence)).decision
    assert (decision.action, decision.guardrail, decision.severity) == expected
