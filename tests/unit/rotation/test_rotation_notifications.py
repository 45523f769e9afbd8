"""What the rotation function reports while its steps run, fail and are repeated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from lambdas.errors import PermanentError, TransientError
from lambdas.handlers import rotate_key
from lambdas.observability import FAILED_STEPS, count, metrics
from lambdas.rotation.domain.notification import (
    PERSISTS_AFTER,
    Notification,
    NotificationKind,
    failed_id,
    succeeded_id,
)
from lambdas.rotation.domain.secret_description import PENDING
from lambdas.rotation.domain.smtp_password import smtp_password
from lambdas.rotation.notification_messages import notification_body
from lambdas.rotation.rotation_notifications import RotationNotifications
from lambdas.rotation.rotation_step import RotationStep
from tests.support.builders import NOON
from tests.support.rotation_runs import POLICY, a_rotator
from tests.support.rotation_simulation import SECRET, Interrupt, Mode, RotationWorld

TOKEN = "7ac47c8c-f328-423b-9698-6926dd1f293e"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass
class FakeNotificationQueue:
    sent: list[Notification] = field(default_factory=list)
    fails: bool = False

    def send(self, notification: Notification) -> None:
        if self.fails:
            raise TransientError("sqs:SendMessage: AccessDenied")
        self.sent.append(notification)


@dataclass
class SecretsManager:
    """It runs the steps of one rotation, and the whole of them again when one fails."""

    world: RotationWorld = field(default_factory=RotationWorld)
    notifications: FakeNotificationQueue = field(default_factory=FakeNotificationQueue)
    counted: list[int] = field(default_factory=list)

    def use_case(self) -> RotationStep:
        world = self.world
        notifications = RotationNotifications(
            secrets=world, keys=world, rotations=world, notifications=self.notifications, clock=world.clock
        )
        return RotationStep(
            rotator=a_rotator(world), notifications=notifications, count_faults=self.counted.append
        )

    def attempt(self) -> bool:
        for step in STEPS:
            try:
                self.run(step)
            except Exception:  # noqa: BLE001 -- Secrets Manager sees that it failed, whatever it was
                return False
        return True

    def run(self, step: str) -> None:
        self.use_case().run(step, SECRET, TOKEN)

    def kinds(self) -> list[NotificationKind]:
        return [notification.kind for notification in self.notifications.sent]


@pytest.fixture
def service() -> SecretsManager:
    service = SecretsManager()
    service.world.put_current(service.world.a_person_creates(NOON - timedelta(days=200)))
    service.world.label_pending(TOKEN)
    service.world.now += timedelta(minutes=1)
    return service


def test_the_function_runs_the_step_of_the_event_and_publishes_its_faults(
    service: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, int]] = []
    add_metric = metrics.add_metric

    def add_counted(name: str, unit: str, value: int) -> None:
        counted.append((name, value))
        add_metric(name=name, unit=unit, value=value)

    def use_case() -> RotationStep:
        return replace(service.use_case(), count_faults=partial(count, FAILED_STEPS))

    monkeypatch.setattr(metrics, "add_metric", add_counted)
    monkeypatch.setattr(rotate_key, "rotate_function", use_case)
    context = SimpleNamespace(
        function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id"
    )
    event = {"Step": "createSecret", "SecretId": SECRET, "ClientRequestToken": TOKEN}
    rotate_key.handler(event, context)
    assert TOKEN in service.world.values
    service.world.inject = (len(service.world.calls), Mode.FAILS)
    with pytest.raises(TransientError):
        rotate_key.handler(event, context)
    assert counted == [(FAILED_STEPS, 1)]


def test_a_success_names_both_keys_and_how_long_the_old_one_works(service: SecretsManager) -> None:
    old = service.world.current_key()
    assert service.attempt()
    [notification] = service.notifications.sent
    assert (notification.kind, notification.notification_id) == (
        NotificationKind.ROTATION_SUCCEEDED,
        succeeded_id(SECRET, TOKEN),
    )
    assert (notification.access_key_id, notification.new_key_id) == (old, service.world.current_key())
    assert notification.user_name == "alice"
    until = service.world.now + POLICY.grace
    assert f"{until:%Y-%m-%d %H:%M}" in notification.facts[1]


def test_a_success_does_not_call_a_dead_key_active(service: SecretsManager) -> None:
    old = service.world.current_key()
    service.world.a_person_switches(old, on=False)
    assert service.attempt()
    [notification] = service.notifications.sent
    assert notification.facts[1] == f"IAM lists {old} as Inactive: calls with it are refused."


def test_a_success_does_not_call_a_deleted_key_active(service: SecretsManager) -> None:
    old = service.world.current_key()
    service.world.a_person_deletes(old)
    assert service.attempt()
    [notification] = service.notifications.sent
    assert notification.facts[1] == f"IAM no longer lists {old}."


def test_a_repeated_last_step_sends_the_same_notification(service: SecretsManager) -> None:
    service.attempt()
    service.run("finishSecret")
    assert [notification.notification_id for notification in service.notifications.sent] == [
        succeeded_id(SECRET, TOKEN)
    ] * 2


def test_a_success_that_cannot_be_sent_fails_the_step_and_is_sent_by_the_next_attempt(
    service: SecretsManager,
) -> None:
    service.notifications.fails = True
    assert not service.attempt()
    promoted = service.world.current_key()
    service.notifications.fails = False
    assert service.attempt()
    assert service.kinds() == [NotificationKind.ROTATION_SUCCEEDED]
    assert service.world.current_key() == promoted


def test_a_refusal_is_reported_with_its_guardrail_at_once_and_is_no_fault(service: SecretsManager) -> None:
    second = service.world.a_person_creates(NOON)
    assert not service.attempt()
    [notification] = service.notifications.sent
    assert (notification.refused, notification.step, notification.not_before) == (True, "createSecret", None)
    assert "no free slot for a new key" in notification.reason
    assert second in notification.reason
    current = service.world.current_key()
    assert notification.access_key_id == current
    assert notification.facts[0] == (f"AWSCURRENT is unchanged and still contains {current}.")
    assert set(service.counted) == {0}


def test_a_refusal_without_a_free_slot_names_the_last_use_of_both_keys_and_offers_both(
    service: SecretsManager,
) -> None:
    spare = service.world.a_person_creates(NOON - timedelta(days=400))
    service.world.user_keys[spare].last_use = NOON - timedelta(days=99)
    service.attempt()
    [notification] = service.notifications.sent
    current = service.world.current_key()
    assert f"{current} (Active, never used)" in notification.reason
    assert (
        f"{spare} (Active, last used with s3 in eu-west-1 at 2025-12-05 12:00:00 UTC)" in notification.reason
    )
    assert set(notification.held_keys) == {current, spare}
    assert notification.inactive_key == ""


def test_of_an_active_and_an_inactive_key_the_inactive_one_is_named_whose_deletion_frees_the_slot(
    service: SecretsManager,
) -> None:
    spare = service.world.a_person_creates(NOON - timedelta(days=400), active=False)
    service.world.user_keys[spare].last_use = NOON - timedelta(days=9)
    service.attempt()
    [notification] = service.notifications.sent
    assert notification.inactive_key == spare


def test_a_last_use_without_an_answer_of_iam_is_called_unknown_and_does_not_hide_the_refusal(
    service: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_key: str) -> None:
        raise TransientError("iam:GetAccessKeyLastUsed: Throttling")

    service.world.a_person_creates(NOON)
    monkeypatch.setattr(service.world, "look_up", fails)
    service.attempt()
    [notification] = service.notifications.sent
    assert notification.refused
    assert notification.reason.count("last use unknown, because IAM did not answer") == 2


def test_two_concurrent_creations_are_no_refusal_and_are_not_reported_once_the_next_attempt_succeeds(
    service: SecretsManager,
) -> None:
    def another_run() -> None:
        a_rotator(service.world).create_secret(SECRET, TOKEN)

    alone = SecretsManager()
    alone.world.put_current(alone.world.a_person_creates(NOON - timedelta(days=200)))
    alone.world.label_pending(TOKEN)
    a_rotator(alone.world).create_secret(SECRET, TOKEN)
    service.world.interrupt = Interrupt(alone.world.calls.index("create"), another_run)
    assert not service.attempt()
    assert "LimitExceeded" in service.notifications.sent[0].reason
    service.world.now += timedelta(minutes=1)
    assert service.attempt()
    failed, succeeded = service.notifications.sent
    assert (failed.refused, failed.unless_sent) == (False, succeeded.notification_id)
    assert failed.not_before
    assert failed.not_before > succeeded.at


def test_all_attempts_report_one_failure(service: SecretsManager) -> None:
    service.world.kill_switch = True
    for _ in range(3):
        service.attempt()
    assert {notification.notification_id for notification in service.notifications.sent} == {
        failed_id(SECRET, TOKEN)
    }


def test_a_failure_that_may_pass_is_sent_later_and_not_after_a_success(service: SecretsManager) -> None:
    service.world.inject = (len(service.world.calls), Mode.FAILS)
    assert not service.attempt()
    [notification] = service.notifications.sent
    assert notification.refused is False
    assert notification.not_before == notification.at + PERSISTS_AFTER
    assert notification.unless_sent == succeeded_id(SECRET, TOKEN)
    assert service.counted == [1]


def test_a_failure_after_the_creation_of_the_key_says_where_it_waits(service: SecretsManager) -> None:
    service.run("createSecret")
    new = service.world.values[TOKEN].key_id
    service.world.a_person_switches(new, on=False)
    with pytest.raises(TransientError):
        service.run("testSecret")
    assert f"{new} was created and is stored under AWSPENDING." in service.notifications.sent[-1].facts


def test_a_failure_that_cannot_be_sent_does_not_hide_why_the_step_failed(service: SecretsManager) -> None:
    service.world.kill_switch, service.notifications.fails = True, True
    with pytest.raises(Exception, match="the kill switch is on"):
        service.run("createSecret")
    assert service.counted == [1], "it could not be sent"


def fails_to_read(*_: object) -> None:
    raise TransientError("secretsmanager:GetSecretValue: AccessDeniedException")


@pytest.mark.parametrize("what", ["value", "describe_secret"])
def test_a_failure_names_user_and_key_although_the_secret_cannot_be_read(
    service: SecretsManager, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    service.run("createSecret")
    current = service.world.current_key()
    service.world.key_ids = ("arn:aws:kms:eu-west-1:42:key/2",)
    with monkeypatch.context() as patched:
        patched.setattr(service.world, what, fails_to_read)
        with pytest.raises(TransientError):
            service.run("testSecret")
    [notification] = service.notifications.sent
    assert (notification.user_name, notification.access_key_id) == ("alice", current)
    assert notification.facts[1] == f"When it was last read, it contained {current}."
    named = "is encrypted with key/2 of account 42 in eu-west-1, could not be read" in notification.facts[0]
    assert named is (what == "value")


def test_of_an_unexpected_error_only_the_type_is_reported(
    service: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_name: str) -> None:
        raise ZeroDivisionError("wJalrXUtnFEMI")

    monkeypatch.setattr(service.world, "list_keys", fails)
    with pytest.raises(ZeroDivisionError):
        service.run("createSecret")
    [notification] = service.notifications.sent
    assert "ZeroDivisionError" in notification.reason
    assert "wJalr" not in notification_body(notification)


def test_wherever_a_step_fails_no_notification_contains_a_secret(service: SecretsManager) -> None:
    service.attempt()
    calls = len(service.world.calls)
    for number in range(calls):
        again = SecretsManager()
        again.world.put_current(again.world.a_person_creates(NOON - timedelta(days=200)))
        again.world.label_pending(TOKEN)
        again.world.inject = (number, Mode.ANSWER_LOST)
        again.attempt()
        again.attempt()
        bodies = " ".join(map(notification_body, again.notifications.sent))
        secrets = [key.secret for key in again.world.user_keys.values()]
        assert again.world.injected
        assert again.notifications.sent, "every result is reported"
        assert [secret for secret in secrets if secret in bodies] == []


def with_fields(service: SecretsManager, **fields: str) -> None:
    world = service.world
    first = world.values["first"]
    world.values["first"] = replace(first, others={**first.others, **fields})


STALE = smtp_password("another-secret", "eu-west-1")
LOOKS_LIKE = "looks like an SES SMTP password, but is not derived from this key for any known region"


def test_a_success_names_the_fields_that_followed_the_key_and_those_that_did_not(
    service: SecretsManager,
) -> None:
    with_fields(service, Password=STALE)
    assert service.attempt()
    facts = service.notifications.sent[0].facts
    assert facts[-2:] == ("Renewed with the key: Smtp.", f"Not renewed: Password {LOOKS_LIKE}.")
    assert not [fact for fact in facts if STALE in fact]


def test_a_success_names_the_replaced_key_though_a_person_has_edited_the_secret_since(
    service: SecretsManager,
) -> None:
    for step in STEPS[:3]:
        service.run(step)
    service.world.a_person_edits()
    service.run("finishSecret")
    service.world.a_person_edits()
    service.run("finishSecret")
    sent = {notification.notification_id: notification for notification in service.notifications.sent}
    (success,) = sent.values()
    assert success.kind is NotificationKind.ROTATION_SUCCEEDED
    assert success.access_key_id == service.world.values["first"].key_id
    assert success.new_key_id == service.world.current_key()


def set_up(service: SecretsManager) -> None:
    """RotateSecret with RotateImmediately=false: the test of a version without a value."""
    service.world.labels[TOKEN] = {PENDING}
    service.run("testSecret")
    service.world.labels[TOKEN] = set()


def test_the_fields_that_no_rotation_renews_are_named_once_when_rotation_is_set_up(
    service: SecretsManager,
) -> None:
    with_fields(service, Password=STALE)
    set_up(service)
    set_up(service)
    first, second = service.notifications.sent
    assert first.notification_id == second.notification_id
    assert first.kind is NotificationKind.FIELDS_NOT_RENEWED
    assert first.facts == (f"Not renewed: Password {LOOKS_LIKE}.",)
    assert (first.user_name, first.access_key_id) == ("alice", service.world.current_key())


def test_a_secret_whose_fields_all_follow_its_key_is_set_up_without_a_word(service: SecretsManager) -> None:
    set_up(service)
    assert service.notifications.sent == []


def test_the_failure_for_a_secret_that_cannot_be_read_names_its_user(service: SecretsManager) -> None:
    world = service.world
    world.states[SECRET] = world.read(SECRET).bound_to("alice", "AIDAALICE")
    world.unreadable.add("first")
    with pytest.raises(PermanentError):
        service.run("createSecret")
    assert service.notifications.sent[0].user_name == "alice"
