"""A replaced key is deleted when it is no longer used; what a crashed rotation left is cleaned up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.demo.automation import deactivate
from local.demo.enrolment import enrol_new_user
from tests.e2e.rotation_log import await_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.application import Application
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

TERM_SECONDS = 2.2  # each term is one second, and IAM's times are whole seconds


def retire(deployment: Deployment) -> None:
    functions: Any = deployment.aws.session().client("lambda")
    answer = functions.invoke(FunctionName=deployment.outputs["RetireKeysFunctionName"], Payload="{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def replaced(deployment: Deployment) -> EnrolledUser:
    it = enrol_new_user(deployment, "approve")
    it.rotate()
    assert it.await_rotation()
    return it


@contextmanager
def in_use(application: Application) -> Iterator[None]:
    """Several times a second, since each term is as short as one."""
    over = Event()

    def use() -> None:
        while not over.wait(0.2):
            application.call("sts", "get_caller_identity")

    with ThreadPoolExecutor() as worker:
        application.call("sts", "get_caller_identity")
        worker.submit(use)
        try:
            yield
        finally:
            over.set()


def status(it: EnrolledUser) -> str:
    return it.keys().get(it.application.access_key_id, "gone")


def test_a_replaced_key_goes_once_the_new_one_is_used_and_it_is_quiet(
    rotating_deployment: Deployment,
) -> None:
    it = replaced(rotating_deployment)
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    assert status(it) == "Active", "the new key has not been used"
    it.current().call("sts", "get_caller_identity")
    time.sleep(TERM_SECONDS)
    with in_use(it.application):
        retire(rotating_deployment)
        assert status(it) == "Active", "the old key is still in use"
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    assert status(it) == "Inactive"
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    assert status(it) == "gone"
    assert it.current().call("sts", "get_caller_identity") == ""


def test_a_key_that_a_person_deactivated_is_left_alone_until_its_deletion_was_announced(
    rotating_deployment: Deployment,
) -> None:
    """A run finds it inactive, and a later one announces its deletion; each term is one second."""
    it = replaced(rotating_deployment)
    it.application.deactivate_key()
    time.sleep(TERM_SECONDS)
    it.current().call("sts", "get_caller_identity")
    announced = []
    for _ in range(2):
        time.sleep(TERM_SECONDS)
        retire(rotating_deployment)
        assert status(it) == "Inactive"
        [record] = rotating_deployment.ledger.entry(f"rotation:{it.secret}")["superseded"]
        announced.append("announcedAt" in record)
    assert announced == [False, True]
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    assert status(it) == "gone"


def test_a_key_that_an_automation_deactivated_makes_room_in_the_end(rotating_deployment: Deployment) -> None:
    it = replaced(rotating_deployment)
    deactivate(it.application)
    time.sleep(TERM_SECONDS)
    it.current().call("sts", "get_caller_identity")
    time.sleep(TERM_SECONDS)
    retire(rotating_deployment)
    assert status(it) == "gone"
    assert it.current().call("sts", "get_caller_identity") == ""


def test_a_key_that_a_person_reactivated_is_left_alone(rotating_deployment: Deployment) -> None:
    it = replaced(rotating_deployment)
    time.sleep(TERM_SECONDS)
    it.current().call("sts", "get_caller_identity")
    retire(rotating_deployment)
    assert status(it) == "Inactive"
    it.application.reactivate_key()
    for _ in range(3):
        time.sleep(TERM_SECONDS)
        retire(rotating_deployment)
        assert status(it) == "Active"


def test_a_pending_label_that_a_refused_rotation_left_is_taken_off(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    second = it.application.with_another_key()
    rotating_deployment.failures.expect("rotate_key", "no free slot for a new key")
    it.rotate()
    await_failures(it)
    second.delete_key()
    with pytest.raises(ClientError, match="previous rotation"):
        it.rotate()
    retire(rotating_deployment)
    let_two_hours_pass(it)
    retire(rotating_deployment)
    assert "AWSPENDING" not in it.labels()
    it.rotate()
    assert it.await_rotation()


def let_two_hours_pass(it: EnrolledUser) -> None:
    """For the rotations that were begun."""
    ledger = it.deployment.ledger
    entry = ledger.entry(f"rotation:{it.secret}")
    earlier = datetime.now(UTC) - timedelta(hours=2)
    for intent in entry.get("intents", {}).values():
        intent["at"] = f"{earlier:%Y-%m-%dT%H:%M:%SZ}"
    ledger.put(entry)
