"""The decision table: each row a combination of signal and evidence, and the one cause it has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdas.domain.cause import Cause
from lambdas.domain.causes import diagnose
from lambdas.domain.diagnosis import Confidence
from lambdas.domain.evidence import Evidence, Owner
from tests.builders import (
    ALICE,
    LAST_USE,
    OTHER_ACCOUNT,
    a_case,
    a_change,
    a_deleted_key,
    a_listed_key,
    a_signal,
    an_active_key,
    an_inactive_key,
    an_unknown_key,
    key_id,
)

OTHER_MATTER = "No account found for the given parameters"
GONE_USER = Owner(name="alice", exists=False)
ROOT_SIGNAL = a_signal(principal_type="Root")
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

TABLE = {
    "inactive": (a_signal(), an_inactive_key(), Cause.KEY_INACTIVE, CERTAIN),
    "inactive, message unlisted": (
        a_signal(error_message="?"),
        an_inactive_key(),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "inactive, no message": (a_signal(error_message=""), an_inactive_key(), Cause.KEY_INACTIVE, CERTAIN),
    "expired status": (
        a_signal(),
        an_inactive_key(key=a_listed_key(status="Expired")),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "inactive, but another matter": (
        a_signal(error_message=OTHER_MATTER),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "active, message listed": (a_signal(), an_active_key(), Cause.NOT_A_KEY_FAILURE, LIKELY),
    "active, message unlisted": (
        a_signal(error_message="?"),
        an_active_key(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "made by an AWS service": (a_signal(made_by_aws=True), Evidence(), Cause.NOT_A_KEY_FAILURE, CERTAIN),
    "temporary key, message unlisted": (
        a_signal(key_id(prefix="ASIA"), error_message="?"),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "temporary key, message listed": (
        a_signal(key_id(prefix="ASIA")),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "root user, message listed": (ROOT_SIGNAL, Evidence(), Cause.ROOT_KEY, LIKELY),
    "root user, message unlisted": (
        replace(ROOT_SIGNAL, error_message="?"),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "another account's id, message unlisted": (
        a_signal(key_id(account=OTHER_ACCOUNT), error_message="?"),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "deleted, on record": (a_signal(), a_deleted_key(), Cause.KEY_DELETED, CERTAIN),
    "deleted, creation alone on record": (
        a_signal(),
        a_deleted_key(history=(a_change("CreateAccessKey"),)),
        Cause.KEY_DELETED,
        LIKELY,
    ),
    "resolved but listed no more": (
        a_signal(),
        Evidence(asked=True, owner=ALICE, last_use=LAST_USE),
        Cause.KEY_DELETED,
        CERTAIN,
    ),
    "resolved, its user gone": (
        a_signal(),
        Evidence(asked=True, owner=GONE_USER, last_use=LAST_USE),
        Cause.KEY_DELETED,
        CERTAIN,
    ),
    "unknown": (a_signal(), an_unknown_key(), Cause.UNKNOWN_KEY, LIKELY),
    "no key in the record": (a_signal(""), Evidence(), Cause.UNKNOWN_KEY, POSSIBLE),
    "no key, no message": (a_signal("", error_message=""), Evidence(), Cause.NOT_A_KEY_FAILURE, CERTAIN),
    "malformed id": (a_signal("akia secret"), Evidence(), Cause.UNKNOWN_KEY, POSSIBLE),
}


@pytest.mark.parametrize("row", TABLE)
def test_each_row_of_the_decision_table_has_its_one_cause(row: str) -> None:
    signal, evidence, cause, confidence = TABLE[row]
    diagnosis = diagnose(a_case(signal, evidence))
    assert (diagnosis.cause, diagnosis.confidence) == (cause, confidence)


def test_a_diagnosis_says_who_did_it_and_when_where_the_history_tells() -> None:
    facts = diagnose(a_case(evidence=an_inactive_key())).facts
    assert "user/bob deactivated it at 2026-03-14 11:58:00 UTC." in facts


def test_a_diagnosis_says_so_where_the_history_does_not_tell() -> None:
    facts = diagnose(a_case(evidence=an_inactive_key(history=()))).facts
    assert "Who deactivated it is not in CloudTrail's history of 90 days." in facts


def test_no_new_key_is_proposed_to_a_user_who_holds_two() -> None:
    two = (a_listed_key(key_id(2)), a_listed_key(key_id(3)))
    diagnosis = diagnose(a_case(evidence=a_deleted_key(other_keys=two)))
    assert not any("create-access-key" in c for remedy in diagnosis.remedies for c in remedy.commands)


def test_nothing_is_proposed_for_a_user_who_is_gone() -> None:
    gone = Evidence(asked=True, owner=GONE_USER, last_use=LAST_USE)
    assert diagnose(a_case(evidence=gone)).remedies == ()


def test_a_malformed_id_is_never_echoed() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert secret not in repr(diagnose(a_case(a_signal(secret), Evidence())))
