"""A user without a free slot: who created its keys, and who creates them again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.key_origins import describe_origins
from tests.support.builders import NOON, key_id
from tests.support.fakes import FakeLedger

if TYPE_CHECKING:
    import pytest

TERRAFORM, ROTATION = "user/terraform", "assumed-role/RotateKey/f"
OURS, THEIRS = key_id(1), key_id(2)


def a_ledger(*created: tuple[str, str, bool], owner: str = "alice") -> FakeLedger:
    """Keys with their creators, and whether they were deleted."""
    ledger = FakeLedger()
    for day, (key, by, is_deleted) in enumerate(created):
        at = NOON + timedelta(days=day)
        ledger.merge_key(
            KeyEntry(
                access_key_id=key,
                owner_name=Observed(value=owner, at=at),
                created_at=at,
                created_by=by,
                deletion=recorded(at + timedelta(hours=1), "user/bob") if is_deleted else None,
            )
        )
    return ledger


def origins(ledger: FakeLedger, *held: str) -> list[str]:
    return describe_origins(ledger, "alice", held or (OURS, THEIRS), lambda key: key == OURS)


def test_a_tool_that_makes_its_key_again_is_named_and_what_to_do() -> None:
    ledger = a_ledger(
        (key_id(3), TERRAFORM, True),
        (key_id(4), TERRAFORM, True),
        (OURS, ROTATION, False),
        (THEIRS, TERRAFORM, False),
    )
    created, again = origins(ledger)
    assert created == f"user/terraform created {THEIRS} at 2026-03-17 12:00:00 UTC"
    assert again.startswith("user/terraform has created 3 keys of this user, and 2 of them were deleted:")
    assert "remove the key from its configuration first" in again


def test_a_key_that_was_created_once_has_a_creator_and_no_more() -> None:
    ledger = a_ledger((key_id(3), "user/bob", True), (THEIRS, TERRAFORM, False))
    assert origins(ledger) == [f"user/terraform created {THEIRS} at 2026-03-15 12:00:00 UTC"]


def test_two_keys_of_one_creator_that_are_both_there_are_no_repetition() -> None:
    ledger = a_ledger((key_id(3), TERRAFORM, False), (THEIRS, TERRAFORM, False))
    assert len(origins(ledger, key_id(3), THEIRS)) == 2


def test_our_own_rotations_are_no_tool_that_creates_keys_again() -> None:
    ledger = a_ledger((key_id(3), ROTATION, True), (OURS, ROTATION, False))
    assert origins(ledger) == []


def test_what_the_ledger_does_not_know_is_not_said() -> None:
    assert origins(a_ledger((THEIRS, "", False))) == []
    assert origins(a_ledger((THEIRS, TERRAFORM, False), owner="bob")) == []


def test_a_ledger_that_cannot_be_read_delays_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> tuple[KeyEntry, ...]:
        raise TransientError("dynamodb:ledger: AccessDeniedException")

    ledger = a_ledger((THEIRS, TERRAFORM, False))
    monkeypatch.setattr(ledger, "recent_keys", fails)
    assert origins(ledger) == ["who created the keys could not be read"]
