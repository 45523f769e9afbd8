"""The policy that lets a user read its own secret."""

from __future__ import annotations

import json

import pytest

from lambdas.enrolment.domain.own_user_policy import (
    Access,
    PolicyFound,
    access_wanted,
    own_policy,
    policy_found,
)

ARN, USER_ID = "arn:aws:iam::123456789012:user/alice", "AIDAALICE"


def policy_for_sessions() -> str:
    """As earlier versions wrote it."""
    document = json.loads(own_policy(ARN, USER_ID))
    del document["Statement"][0]["Condition"]["Null"]
    return json.dumps(document)


def test_it_admits_the_user_with_its_long_term_keys_alone() -> None:
    [statement] = json.loads(own_policy(ARN, USER_ID))["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:userid": USER_ID},
        "Null": {"aws:TokenIssueTime": "true"},
    }


def test_a_policy_that_still_admits_sessions_is_replaced_or_removed() -> None:
    found = policy_found(policy_for_sessions(), USER_ID)
    assert found is PolicyFound.OWN_FOR_SESSIONS
    assert access_wanted(found, is_refused=False) is Access.GRANT
    assert access_wanted(found, is_refused=True) is Access.REVOKE


@pytest.mark.parametrize("text", [own_policy(ARN, USER_ID), policy_for_sessions()])
def test_the_policy_of_another_user_is_not_its_own(text: str) -> None:
    assert policy_found(text, "AIDAOTHER") is PolicyFound.OTHER


def test_its_own_policy_stays() -> None:
    found = policy_found(own_policy(ARN, USER_ID), USER_ID)
    assert found is PolicyFound.OWN
    assert access_wanted(found, is_refused=False) is None
