"""How the answers of the function `fail_over` are read, and what a state of rotations is stored as."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lambdas.codec import from_plain, to_plain
from lambdas.errors import TransientError
from lambdas.rotation.adapters.fail_over_client import LambdaFailOver
from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverIntent, FailOverResult, LentKey
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from lambdas.rotation.ports import RefusedError
from tests.support.builders import NOON

SECRET = "access-keys/alice"


@dataclass
class Lambda:
    answer: dict[str, Any]
    error: str = ""
    asked: list[Any] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 -- boto3's names
        self.asked.append((FunctionName, json.loads(Payload)))
        error = {"FunctionError": self.error} if self.error else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **error}


def function(client: Lambda) -> LambdaFailOver:
    return LambdaFailOver(cast("Any", SimpleNamespace(functions=client)), "FailOver")


DONE = {"outcome": "failed-over", "accessKeyId": "AKIAOLD", "since": NOON.isoformat(), "lender": ""}


def test_the_answer_of_the_function_is_read() -> None:
    client = Lambda(DONE)
    carried = function(client).to_previous(SECRET, "token")
    assert carried == FailOverResult(access_key_id="AKIAOLD", since=NOON)
    assert client.asked == [("FailOver", {"secret": SECRET, "token": "token"})]


def test_a_loan_names_its_lender() -> None:
    client = Lambda({**DONE, "lender": "bob"})
    assert function(client).to_backup(SECRET, "bob", "token").lender == "bob"
    assert client.asked == [("FailOver", {"secret": SECRET, "backup": "bob", "token": "token"})]


def test_a_secret_with_a_working_key_was_not_changed() -> None:
    assert (
        not function(Lambda({**DONE, "outcome": "unchanged", "changed": False}))
        .to_previous(SECRET, "token")
        .changed
    )


def test_a_refusal_comes_with_its_reason() -> None:
    client = Lambda({"outcome": "refused", "reason": "the kill switch is on"})
    with pytest.raises(RefusedError, match="the kill switch is on"):
        function(client).to_previous(SECRET, "token")


def test_a_function_that_fails_has_no_result() -> None:
    client = Lambda({"errorMessage": "Task timed out"}, error="Unhandled")
    with pytest.raises(TransientError, match="has failed"):
        function(client).to_previous(SECRET, "token")


def test_a_state_is_read_back_as_it_was_written() -> None:
    state = RotationState(
        secret_name=SECRET,
        user_name="alice",
        user_id="AIDAALICE",
        superseded=(Superseded(access_key_id="AKIADEAD", at=NOON, retire_after=NOON),),
        finished_at=NOON,
        current_key_id="AKIABOB",
        previous_key_id="AKIADEAD",
        fail_over=FailOverIntent(token="token", access_key_id="AKIABOB", at=NOON),
        loan=BorrowedKey(access_key_id="AKIABOB", lender="bob", since=NOON),
        lent=(LentKey(access_key_id="AKIAOWN", borrower="access-keys/carol", since=NOON),),
        abandoned=("dead", "newer"),
        finished=("token",),
        returned_at=NOON,
        deleted_at=NOON,
        version=4,
    )
    assert from_plain(RotationState, to_plain(state)) == state
