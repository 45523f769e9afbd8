"""A missing permission never counts as a key that was not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambdas.aws.domain.iam import ROOT, LastUse, ListedKey, Resolved, Unresolved
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.last_use import find_last_use
from tests.support.builders import NOON, key_id

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import IamUser

USE = LastUse(at=NOON, service="s3", region="us-east-1")
LISTED = ListedKey(access_key_id=key_id(), status="Active", created_at=NOON)


class Answers:
    def __init__(self, answer: Resolved | Unresolved, keys: tuple[ListedKey, ...] | None) -> None:
        self.answer, self.keys = answer, keys

    def look_up(self, _: str) -> Resolved | Unresolved:
        return self.answer

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        assert user_name == "alice", "IAM refuses a name that no user can have"
        return self.keys

    def describe(self, _: str) -> IamUser | None:
        raise NotImplementedError


def entry(owner: str = "alice") -> KeyEntry:
    return KeyEntry(access_key_id=key_id(), owner_name=Observed(value=owner, at=NOON))


def test_the_last_use_is_iams_answer() -> None:
    assert find_last_use(Answers(Resolved(user_name="alice", last_use=USE), ()), entry()) == USE


@pytest.mark.parametrize("keys", [None, ()], ids=["no such user", "no such key"])
def test_a_deleted_key_has_no_last_use(keys: tuple[ListedKey, ...] | None) -> None:
    assert find_last_use(Answers(Unresolved(), keys), entry()) is None


@pytest.mark.parametrize("owner", ["", ROOT])
def test_a_key_without_a_user_has_no_last_use(owner: str) -> None:
    assert find_last_use(Answers(Unresolved(), None), entry(owner)) is None


def test_a_key_that_is_listed_but_not_resolved_is_a_transient_error() -> None:
    with pytest.raises(TransientError, match="permission"):
        find_last_use(Answers(Unresolved(), (LISTED,)), entry())
