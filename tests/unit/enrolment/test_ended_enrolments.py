"""An enrolment that ends, or that looks like one and is none: reported once, with who changed the tags."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, claim_violation
from lambdas.rotation.domain.notification import NotificationKind
from lambdas.rotation.domain.secret_description import SecretDescription
from lambdas.rotation.ports import RejectedError
from tests.support.enrolment_simulation import Crash, EnrolmentWorld

if TYPE_CHECKING:
    from lambdas.rotation.domain.notification import Notification

SECRET = "access-keys/alice"
TERRAFORM = "user/terraform"
CLAIM = {SECRET_TAG: SECRET, MODE_TAG: "auto"}
RESPELLED = {"Access-Key-Remediator:Secret": SECRET, "Access-Key-Remediator:Rotation": "auto"}
# What is left of the tags, with the kind of the notification and its reason.
VARIANTS: dict[str, tuple[dict[str, str], NotificationKind, str]] = {
    "both removed": ({}, NotificationKind.ENROLMENT_ENDED, ""),
    "the mode removed": (
        {SECRET_TAG: SECRET},
        NotificationKind.CLAIM_REFUSED,
        f"the user has the tag {SECRET_TAG} but not the tag {MODE_TAG}",
    ),
    "the secret removed": (
        {MODE_TAG: "auto"},
        NotificationKind.CLAIM_REFUSED,
        f"the user has the tag {MODE_TAG} but not the tag {SECRET_TAG}",
    ),
    "emptied": (
        {SECRET_TAG: SECRET, MODE_TAG: ""},
        NotificationKind.CLAIM_REFUSED,
        f"the user has the tag {SECRET_TAG} but not the tag {MODE_TAG}",
    ),
    "other letters in a key": (
        RESPELLED,
        NotificationKind.CLAIM_REFUSED,
        f"a tag is spelled Access-Key-Remediator:Rotation, and must be spelled {MODE_TAG}",
    ),
    "other letters in one key": (
        {"ACCESS-KEY-REMEDIATOR:SECRET": SECRET, MODE_TAG: "auto"},
        NotificationKind.CLAIM_REFUSED,
        f"a tag is spelled ACCESS-KEY-REMEDIATOR:SECRET, and must be spelled {SECRET_TAG}",
    ),
    "other letters in the mode": (
        {SECRET_TAG: SECRET, MODE_TAG: "Auto"},
        NotificationKind.CLAIM_REFUSED,
        "the mode in the tag is unknown, so notify applies",
    ),
    "other letters in the secret": (
        {SECRET_TAG: "Access-Keys/alice", MODE_TAG: "auto"},
        NotificationKind.CLAIM_REFUSED,
        "the secret is not under access-keys/",
    ),
}


def an_enrolled_user(mode: str = "auto") -> EnrolmentWorld:
    it = EnrolmentWorld()
    it.claims("alice", mode)
    it.process("alice")
    it.end_rotations()
    assert not it.sent
    return it


def delivered(it: EnrolmentWorld) -> list[Notification]:
    """Those that people get, each once."""
    found: dict[str, Notification] = {}
    for one in it.sent:
        if not {one.notification_id, one.unless_sent or "none"} & found.keys():
            found |= {one.notification_id: one, one.counts_as or one.notification_id: one}
    return list(dict.fromkeys(found.values()))


@pytest.mark.parametrize("what", VARIANTS)
def test_an_enrolment_that_ends_is_reported_once_with_who_ended_it(what: str) -> None:
    tags, kind, reason = VARIANTS[what]
    it = an_enrolled_user()
    it.users["alice"] = tags
    for _ in range(2):  # the record, delivered twice
        it.process("alice", SECRET, TERRAFORM)
    for _ in range(3):
        it.now += timedelta(days=1)
        it.sync()
    [notification] = delivered(it)
    assert (notification.kind, notification.reason) == (kind, reason)
    assert (notification.user_name, notification.secret_name) in {
        ("alice", SECRET),
        ("alice", "Access-Keys/alice"),
    }
    assert "user/terraform changed the tags." in notification.facts
    assert any("Terraform" in fact for fact in notification.facts)
    assert not it.secrets[SECRET].is_scheduled


@pytest.mark.parametrize("what", VARIANTS)
def test_a_sync_reports_it_when_the_record_is_lost(what: str) -> None:
    it = an_enrolled_user()
    it.users["alice"] = VARIANTS[what][0]
    it.sync()
    it.sync()
    [notification] = delivered(it)
    assert any("No record says who changed the tags" in fact for fact in notification.facts)


def test_a_user_that_was_enrolled_without_a_schedule_is_reported_too() -> None:
    it = an_enrolled_user("approve")
    it.users["alice"] = {}
    it.process("alice", SECRET, TERRAFORM)
    [notification] = it.sent
    assert (notification.kind, notification.mode) == (NotificationKind.ENROLMENT_ENDED, "approve")


def test_an_enrolment_that_ends_again_is_reported_again() -> None:
    it = an_enrolled_user()
    for _ in range(2):
        it.users["alice"] = {}
        it.process("alice", SECRET, TERRAFORM)
        it.now += timedelta(days=1)
        it.users["alice"] = dict(CLAIM)
        it.process("alice")
        assert it.secrets[SECRET].is_scheduled
    assert [one.mode for one in delivered(it)] == ["auto", "auto"]


def test_a_user_that_was_never_enrolled_or_is_deleted_ends_nothing() -> None:
    it = an_enrolled_user()
    it.users["bob"] = {}
    it.process("bob", SECRET, TERRAFORM)
    del it.users["alice"]
    it.process("alice", SECRET)
    assert it.sent == []
    assert not it.secrets[SECRET].is_scheduled


def test_half_a_claim_of_a_user_that_was_never_enrolled_is_refused_once() -> None:
    it = EnrolmentWorld(users={"alice": {MODE_TAG: "auto"}})
    for _ in range(3):
        it.sync()
    [notification] = delivered(it)
    assert notification.kind is NotificationKind.CLAIM_REFUSED
    assert notification.facts == ("alice (UserId AIDAalice) names no secret.",)
    assert it.writes == []


def test_a_rotation_under_way_does_not_delay_the_report() -> None:
    it = an_enrolled_user()
    it.secrets[SECRET] = rotating_again(it)
    it.users["alice"] = {}
    it.process("alice", SECRET, TERRAFORM)
    assert len(it.sent) == 1
    it.end_rotations()
    it.sync()
    assert not it.secrets[SECRET].is_scheduled
    assert len(delivered(it)) == 1


def rotating_again(it: EnrolmentWorld) -> SecretDescription:
    secret = it.secrets[SECRET]
    return SecretDescription(
        name=secret.name,
        tags=secret.tags,
        labels={**secret.labels, "pending": frozenset({"AWSPENDING"})},
        is_rotation_on=True,
        function=secret.function,
        schedule_days=secret.schedule_days,
        key_ids=secret.key_ids,
    )


def test_wherever_a_run_dies_the_end_is_reported_and_the_schedule_ends() -> None:
    whole = an_enrolled_user()
    whole.users["alice"] = {}
    before = len(whole.calls)
    whole.process("alice", SECRET, TERRAFORM)
    for number in range(before + 1, len(whole.calls) + 1):
        for takes_effect in (False, True):
            it = an_enrolled_user()
            it.users["alice"] = {}
            it.dies_at = (number, takes_effect)
            with pytest.raises(Crash):
                it.process("alice", SECRET, TERRAFORM)
            it.process("alice", SECRET, TERRAFORM)
            it.sync()
            assert len(delivered(it)) == 1
            assert not it.secrets[SECRET].is_scheduled
            assert it.states[SECRET].released_at


@pytest.mark.parametrize("tags", [CLAIM, {}, {"team": "blue"}, {SECRET_TAG: "", MODE_TAG: ""}])
def test_whole_claims_and_none_violate_nothing(tags: dict[str, str]) -> None:
    assert claim_violation(tags) == ""


DENIED = "secretsmanager:CreateSecret: denied by service control policy"


@pytest.mark.parametrize(
    "call", [f"DescribeSecret {SECRET}", f"CreateSecret {SECRET}", f"RotateSecret {SECRET} at-once"]
)
def test_what_aws_rejects_for_good_is_a_refused_claim_reported_once(call: str) -> None:
    whole = EnrolmentWorld()
    whole.claims("alice")
    whole.process("alice")
    it = EnrolmentWorld(error=RejectedError(DENIED))
    it.claims("alice")
    it.dies_at = (whole.calls.index(call) + 1, False)
    for _ in range(3):
        it.calls.clear()
        decision = it.process("alice")
        it.now += timedelta(days=1)
        if not call.startswith("Rotate"):
            assert not decision.is_granted
    [notification] = delivered(it)
    assert notification.reason == f"AWS rejects a request that it needs ({DENIED})"


def test_a_schedule_that_aws_does_not_let_end_is_reported_with_the_end_of_the_enrolment() -> None:
    it = an_enrolled_user()
    it.users["alice"] = {}
    it.calls.clear()
    whole = an_enrolled_user()
    whole.users["alice"] = {}
    whole.calls.clear()
    whole.process("alice", SECRET)
    it.error = RejectedError(DENIED)
    it.dies_at = (whole.calls.index(f"CancelRotateSecret {SECRET}") + 1, False)
    it.process("alice", SECRET)
    [notification] = it.sent
    assert notification.facts[-1] == f"The schedule of the former secret could not be ended ({DENIED})."
    it.calls.clear()
    assert DENIED in it.process("alice", SECRET).refusal, "it is in the log of each later run"
    assert len(it.sent) == 1


def test_a_former_secret_that_aws_does_not_let_be_read_ends_in_the_log() -> None:
    it = an_enrolled_user()
    it.users["alice"] = {}
    it.calls.clear()
    it.error, it.dies_at = RejectedError(DENIED), (2, False)
    assert it.process("alice", SECRET).refusal == f"the former secret cannot be read ({DENIED})"
    assert it.calls[-1] == f"DescribeSecret {SECRET}"
