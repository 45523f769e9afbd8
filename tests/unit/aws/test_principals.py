"""Which principals are the configured automations."""

from __future__ import annotations

import pytest

from lambdas.aws.domain.principals import is_automation


@pytest.mark.parametrize(
    ("automation", "principal", "expected"),
    [
        ("user/bot", "user/bot", True),
        ("user/bot", "user/bot/alice", False),
        ("user/bot", "user/bottom", False),
        ("user/bots/", "user/bots/alice", True),
        ("user/bots/", "user/bots", False),
        ("assumed-role/KeyContainment", "assumed-role/KeyContainment/session", True),
        ("assumed-role/KeyContainment/", "assumed-role/KeyContainment/session", True),
        ("assumed-role/KeyContainment", "assumed-role/KeyContainmentOfOthers/session", False),
        ("assumed-role/KeyContainment/session", "assumed-role/KeyContainment/session", True),
    ],
)
def test_a_user_is_one_user_and_a_role_is_all_of_its_sessions(
    automation: str, principal: str, *, expected: bool
) -> None:
    assert is_automation(principal, [automation]) is expected
