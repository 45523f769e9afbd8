"""A rotation that is due but must not be: nothing is changed, and the alert names the guardrail."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from local.demo.automation import deactivate
from local.demo.blocked_rotations import (
    bind_to_another_user,
    claim_the_secret_of_another_user,
    create_a_second_key,
    quarantine,
    rotate_just_now,
)
from local.demo.enrolment import EnrolledUser, enrol_new_user
from local.demo.switches import kill_switch_on
from local.patience import TIMEOUT_SECONDS
from tests.e2e.rotation_log import await_failures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.deployment import Deployment
    from local.inbox import Received

SECRET_LABEL = "AWSCURRENT"


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def await_alert(it: EnrolledUser) -> Received:
    """Deactivates the key and returns the alert; nothing else may have changed."""
    before = it.labels(), it.keys()
    deactivate(it.application)
    key = it.application.access_key_id
    alert = it.deployment.alerts.wait_for(lambda received: received.is_of_incident(key), TIMEOUT_SECONDS)
    assert alert is not None
    it.deployment.alerts.wait_for(lambda _: False, 2)
    assert (it.labels(), it.keys()) == (before[0], before[1] | {key: "Inactive"})
    return alert


@pytest.mark.parametrize(
    ("forbids", "guardrail", "reason"),
    [
        (bind_to_another_user, "binding", "bound to another user"),
        (claim_the_secret_of_another_user, "binding", "bound to another user"),
        (create_a_second_key, "no-slot", "has two keys and neither can be removed"),
        (rotate_just_now, "cooldown", "was rotated recently"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_refusal_names_its_guardrail_and_changes_nothing(
    rotating_deployment: Deployment,
    forbids: Callable[[EnrolledUser], EnrolledUser],
    guardrail: str,
    reason: str,
) -> None:
    it = forbids(enrol_new_user(rotating_deployment))
    alert = await_alert(it)
    assert alert.attributes["decision"] == "refuse"
    assert reason in alert.body
    [incident] = rotating_deployment.incidents_of(it.application.access_key_id)
    assert incident["guardrail"] == {"S": guardrail}


def test_the_kill_switch_stops_what_is_due(rotating_deployment: Deployment, until_the_end: ExitStack) -> None:
    it = enrol_new_user(rotating_deployment)
    until_the_end.enter_context(kill_switch_on(rotating_deployment))
    alert = await_alert(it)
    assert alert.attributes["decision"] == "refuse"
    assert "the kill switch is on" in alert.body


def test_the_user_of_a_leaked_key_gets_no_other(rotating_deployment: Deployment) -> None:
    alert = await_alert(quarantine(enrol_new_user(rotating_deployment)))
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("notify", "critical")


@pytest.mark.parametrize(
    ("forbids", "reason"),
    [
        (bind_to_another_user, "binding refused: the secret is bound to another user"),
        (create_a_second_key, "no free slot for a new key"),
        (quarantine, "the user is quarantined"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_rotation_begun_by_hand_is_asked_the_same(
    rotating_deployment: Deployment, forbids: Callable[[EnrolledUser], EnrolledUser], reason: str
) -> None:
    it = forbids(enrol_new_user(rotating_deployment))
    refused_by_hand(it, reason)


def test_the_kill_switch_stops_a_rotation_by_hand_too(
    rotating_deployment: Deployment, until_the_end: ExitStack
) -> None:
    it = enrol_new_user(rotating_deployment)
    until_the_end.enter_context(kill_switch_on(rotating_deployment))
    refused_by_hand(it, "the kill switch is on")


def refused_by_hand(it: EnrolledUser, reason: str) -> None:
    before = it.labels()[SECRET_LABEL], it.keys()
    it.deployment.failures.expect("rotate_key", reason)
    it.rotate()
    [failure] = await_failures(it)
    assert reason in failure
    assert (it.labels()[SECRET_LABEL], it.keys()) == before
