from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.rotation import fail_over_request
from lambdas.rotation.domain.fail_overs import FailOverResult
from tests.support.builders import NOON


@dataclass
class RecordingFailOver:
    result: FailOverResult | Exception
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def to_previous(self, secret_name: str, token: str) -> FailOverResult:
        return self._answer(secret_name, token)

    def to_backup(self, secret_name: str, backup: str, token: str) -> FailOverResult:
        return self._answer(secret_name, backup, token)

    def _answer(self, *arguments: str) -> FailOverResult:
        self.calls.append(arguments)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def result(*, changed: bool) -> FailOverResult:
    return FailOverResult(access_key_id="AKIAOLD", since=NOON, changed=changed)


def respond(fail_over: RecordingFailOver, **request: str) -> dict[str, Any]:
    asked = {"secret": "access-keys/ci", **request}
    return fail_over_request.respond(fail_over, asked, "default", lambda *_: None)


@pytest.mark.parametrize(("changed", "outcome"), [(True, "failed-over"), (False, "unchanged")])
def test_the_response_says_whether_the_secret_was_changed(changed: bool, outcome: str) -> None:
    response = respond(RecordingFailOver(result(changed=changed)))
    assert (response["outcome"], response["accessKeyId"]) == (outcome, "AKIAOLD")


def test_a_request_with_a_backup_lends_the_key_of_that_user() -> None:
    fail_over = RecordingFailOver(result(changed=True))
    respond(fail_over, backup="ci-backup", token="t-1")
    respond(fail_over)
    assert fail_over.calls == [("access-keys/ci", "ci-backup", "t-1"), ("access-keys/ci", "default")]


@pytest.mark.parametrize(("token", "reported"), [("", ["access-keys/ci"]), ("of an incident", [])])
def test_what_a_person_requested_is_reported(token: str, reported: list[str]) -> None:
    sent: list[str] = []
    asked = {"secret": "access-keys/ci", "token": token}
    fail_over_request.respond(
        RecordingFailOver(result(changed=True)), asked, "default", lambda secret, _: sent.append(secret)
    )
    assert sent == reported


def test_a_refusal_is_a_response_with_its_reason() -> None:
    response = respond(RecordingFailOver(PermanentError("the kill switch is on")))
    assert response == {"outcome": "refused", "reason": "the kill switch is on"}


def test_what_may_work_later_fails_the_invocation() -> None:
    with pytest.raises(TransientError):
        respond(RecordingFailOver(TransientError("sts: Throttling")))
