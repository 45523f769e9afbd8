"""A rotation that is due but must not be: nothing is changed, and the alert names the guardrail."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.domain.rotation.binding import USER_ID_TAG
from local.demo.automation import deactivate
from local.demo.enrolment import Enrolled, claim, enrolled
from tests.e2e.rotation_log import await_failures
from tests.e2e.switches import stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.inbox import Received
    from local.stage import Stage

PATIENCE_SECONDS = 30
SECRET_LABEL = "AWSCURRENT"


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def bind_to_somebody_else(it: Enrolled) -> Enrolled:
    it.secrets.tag_resource(SecretId=it.secret, Tags=[{"Key": USER_ID_TAG, "Value": "AIDASOMEBODYELSE"}])
    return it


def claim_the_secret_of_another_user(it: Enrolled) -> Enrolled:
    victim = enrolled(it.stage, name="victim")
    claim(it.stage.aws, it.user_name, victim.secret, "auto")
    return Enrolled(it.stage, it.application, victim.secret)


def make_a_second_key(it: Enrolled) -> Enrolled:
    it.application.with_another_key()
    return it


def rotate_just_now(it: Enrolled) -> Enrolled:
    it.rotate()
    assert it.await_rotation()
    return Enrolled(it.stage, it.current(), it.secret)


def quarantine(it: Enrolled) -> Enrolled:
    """As AWS does it: a policy of that name on the user. Here the policy is the account's own."""
    statement = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = f"AWSCompromisedKeyQuarantineV3-{it.user_name}"
    policy: Any = it.iam.create_policy(PolicyName=name, PolicyDocument=document)
    it.iam.attach_user_policy(UserName=it.user_name, PolicyArn=policy["Policy"]["Arn"])
    return it


def told_of(it: Enrolled) -> Received:
    """By the alert for the end of its key; nothing may have changed."""
    before = it.labels(), it.keys()
    deactivate(it.application)
    key = it.application.access_key_id
    alert = it.stage.alerts.wait_for(lambda received: key in received.body, PATIENCE_SECONDS)
    assert alert is not None
    it.stage.alerts.wait_for(lambda _: False, 2)
    assert (it.labels(), it.keys()) == (before[0], before[1] | {key: "Inactive"})
    return alert


@pytest.mark.parametrize(
    ("forbids", "guardrail", "reason"),
    [
        (bind_to_somebody_else, "binding", "bound to another user"),
        (claim_the_secret_of_another_user, "binding", "bound to another user"),
        (make_a_second_key, "no-slot", "holds two keys and neither may go"),
        (rotate_just_now, "cooldown", "was rotated only just now"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_refusal_names_its_guardrail_and_changes_nothing(
    rotating_stage: Stage, forbids: Callable[[Enrolled], Enrolled], guardrail: str, reason: str
) -> None:
    it = forbids(enrolled(rotating_stage))
    alert = told_of(it)
    assert alert.attributes["decision"] == "refuse"
    assert reason in alert.body
    [incident] = rotating_stage.incidents_of(it.application.access_key_id)
    assert incident["guardrail"] == {"S": guardrail}


def test_the_kill_switch_stops_what_is_due(rotating_stage: Stage, until_the_end: ExitStack) -> None:
    it = enrolled(rotating_stage)
    until_the_end.enter_context(stopped(rotating_stage))
    alert = told_of(it)
    assert alert.attributes["decision"] == "refuse"
    assert "the kill switch is on" in alert.body


def test_the_user_of_a_leaked_key_gets_no_other(rotating_stage: Stage) -> None:
    alert = told_of(quarantine(enrolled(rotating_stage)))
    assert (alert.attributes["decision"], alert.attributes["severity"]) == ("notify", "critical")


@pytest.mark.parametrize(
    ("forbids", "reason"),
    [
        (bind_to_somebody_else, "binding refused: the secret is bound to another user"),
        (make_a_second_key, "no room for a new key"),
        (quarantine, "the user is quarantined"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_rotation_begun_by_hand_is_asked_the_same(
    rotating_stage: Stage, forbids: Callable[[Enrolled], Enrolled], reason: str
) -> None:
    it = forbids(enrolled(rotating_stage))
    refused_by_hand(it, reason)


def test_the_kill_switch_stops_a_rotation_by_hand_too(
    rotating_stage: Stage, until_the_end: ExitStack
) -> None:
    it = enrolled(rotating_stage)
    until_the_end.enter_context(stopped(rotating_stage))
    refused_by_hand(it, "the kill switch is on")


def refused_by_hand(it: Enrolled, reason: str) -> None:
    before = it.labels()[SECRET_LABEL], it.keys()
    it.rotate()
    [told] = await_failures(it)
    assert reason in told
    assert (it.labels()[SECRET_LABEL], it.keys()) == before
