from __future__ import annotations

import pytest

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG, Claim, read_claim
from lambdas.rotation.domain.binding import binding_violation
from lambdas.rotation.domain.secret_description import SecretDescription

SECRET = "access-keys/alice"
CLAIM = Claim(user_name="alice", user_id="AIDAALICE", secret_name=SECRET, mode="auto")
BOUND = {USER_ID_TAG: "AIDAALICE"}

CASES: list[tuple[str, Claim | None, str, dict[str, str], str]] = [
    ("both sides agree", CLAIM, SECRET, BOUND, ""),
    ("other tags of the secret do not matter", CLAIM, SECRET, BOUND | {"team": "payments"}, ""),
    ("no claim", None, SECRET, BOUND, "not enrolled"),
    ("no claim, whatever else is wrong", None, "elsewhere", {}, "not enrolled"),
    ("outside the prefix", CLAIM, "elsewhere/alice", BOUND, "not under access-keys/"),
    ("the prefix not at the beginning", CLAIM, "x/access-keys/alice", BOUND, "not under access-keys/"),
    ("a secret that only begins alike", CLAIM, "access-keys-of/alice", BOUND, "not under access-keys/"),
    ("the user names another secret", CLAIM, "access-keys/bob", BOUND, "names another secret"),
    ("the secret names nobody", CLAIM, SECRET, {}, "names no user"),
    ("the secret names an empty user", CLAIM, SECRET, {USER_ID_TAG: ""}, "names no user"),
    ("another user's secret", CLAIM, SECRET, {USER_ID_TAG: "AIDABOB"}, "bound to another user"),
    ("the name instead of the id", CLAIM, SECRET, {USER_ID_TAG: "alice"}, "bound to another user"),
]


@pytest.mark.parametrize(("what", "claim", "secret", "tags", "expected"), CASES, ids=[c[0] for c in CASES])
def test_a_user_and_a_secret_belong_together_only_where_both_sides_say_so(
    what: str, claim: Claim | None, secret: str, tags: dict[str, str], expected: str
) -> None:
    violation = binding_violation(claim, SecretDescription(name=secret, tags=tags), "access-keys/")
    assert bool(violation) == bool(expected), what
    assert expected in violation


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({SECRET_TAG: SECRET, MODE_TAG: "auto"}, CLAIM),
        ({SECRET_TAG: SECRET}, None),
        ({MODE_TAG: "auto"}, None),
        ({SECRET_TAG: "", MODE_TAG: "auto"}, None),
        ({SECRET_TAG: SECRET, MODE_TAG: ""}, None),
        ({}, None),
    ],
)
def test_a_user_is_enrolled_once_it_names_a_secret_and_a_mode(
    tags: dict[str, str], expected: Claim | None
) -> None:
    assert read_claim("alice", "AIDAALICE", tags) == expected
