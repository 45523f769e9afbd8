from __future__ import annotations

import pytest

from lambdas.domain.cause import Severity
from lambdas.domain.decision import Action, Guardrail
from lambdas.domain.evidence import Evidence
from tests.builders import (
    OTHER_ACCOUNT,
    a_case,
    a_deleted_key,
    a_finding,
    a_signal,
    an_active_key,
    an_inactive_key,
    an_unknown_key,
    key_id,
)

KEPT_IN_THE_DARK = (Action.SUPPRESS, Guardrail.NOT_A_KEY_FAILURE, Severity.LOW)
OLD_FORM = "AKIAJ2345672345672AB"

TABLE = {
    "healthy": (a_signal(), an_active_key(), KEPT_IN_THE_DARK),
    "inactive": (a_signal(), an_inactive_key(), (Action.NOTIFY, Guardrail.NOT_ENROLLED, Severity.HIGH)),
    "deleted": (a_signal(), a_deleted_key(), (Action.NOTIFY, Guardrail.NOT_ENROLLED, Severity.HIGH)),
    "unknown, of this account": (
        a_signal(),
        an_unknown_key(),
        (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, Severity.HIGH),
    ),
    "unknown, of another account": (
        a_signal(key_id(account=OTHER_ACCOUNT)),
        an_unknown_key(),
        (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, Severity.LOW),
    ),
    "unknown, undecodable": (
        a_signal(OLD_FORM),
        an_unknown_key(),
        (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, Severity.LOW),
    ),
    "root": (
        a_signal(principal_type="Root"),
        Evidence(),
        (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, Severity.CRITICAL),
    ),
    "without a key": (
        a_signal(""),
        Evidence(),
        (Action.NOTIFY, Guardrail.ROTATION_CANNOT_MEND, Severity.LOW),
    ),
}


@pytest.mark.parametrize("row", TABLE)
def test_each_diagnosis_has_its_decision_guardrail_and_severity(row: str) -> None:
    signal, evidence, expected = TABLE[row]
    decision = a_finding(a_case(signal, evidence)).decision
    assert (decision.action, decision.guardrail, decision.severity) == expected
