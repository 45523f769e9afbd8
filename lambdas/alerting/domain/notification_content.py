"""The content of each kind of notification: its severity, what happened, and what to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import KEYS_ALLOWED
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.approval_commands import return_borrowed_key
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain import remedies
from lambdas.diagnosis.domain.cause import Severity
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import is_secret_name, is_user_name


@dataclass(frozen=True, kw_only=True)
class NotificationContent:
    severity: Severity
    happened: tuple[str, ...]
    decision: Action = Action.NOTIFY
    remedies: tuple[Remedy, ...] = ()
    facts_title: str = "CURRENT STATE"  # above the facts of the notification


def content_for(notification: Notification) -> NotificationContent:
    return _COMPOSERS[notification.kind](notification)


def _succeeded(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.LOW,
        decision=Action.ROTATE,
        happened=(
            f"A new key was created, tested and stored as AWSCURRENT at {moment(notification.at)}.",
            "Applications that read the secret get the new key the next time they read it.",
        ),
        remedies=_key_remedies(notification, remedies.show_last_use),
    )


def _failed_over(notification: Notification) -> NotificationContent:
    borrowed = (
        f"The new key is borrowed: {notification.reason}. The next rotation returns it."
        if notification.reason
        else "The new key is the user's own earlier one. It is not retired."
    )
    known = bool(notification.reason) and is_secret_name(notification.secret_name)
    return NotificationContent(
        severity=Severity.LOW,
        decision=Action.FAIL_OVER,
        happened=(
            "A person had the secret switched to another key that AWS accepts.",
            borrowed,
            "Applications that read the secret get the new key the next time they read it.",
        ),
        remedies=(return_borrowed_key(notification.secret_name),) if known else (),
    )


def _failed(notification: Notification) -> NotificationContent:
    how = "was refused in" if notification.refused else "failed in"
    step = f"step {notification.step}" if notification.step else "one of its steps"
    return NotificationContent(
        severity=Severity.HIGH,
        decision=Action.REFUSE if notification.refused else Action.NOTIFY,
        happened=(
            f"A rotation {how} {step} at {moment(notification.at)}: {notification.reason}.",
            (
                "Secrets Manager retries it for some minutes. Further failures of this rotation are"
                " not reported."
            ),
        ),
        remedies=(*_removal_choices(notification), *_rotate_again(notification)),
    )


def _claim_refused(notification: Notification) -> NotificationContent:
    which = "this" if notification.secret_name else "a managed"
    return NotificationContent(
        severity=Severity.MEDIUM,
        decision=Action.REFUSE,
        happened=(
            (
                f"The user's tags claim {which} secret. The claim is not granted, or only in part:"
                f" {notification.reason}."
            ),
        ),
        remedies=(
            *_user_remedies(notification, remedies.show_claim),
            *_user_remedies(notification, remedies.withdraw_claim),
        ),
    )


def _enrolment_ended(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.LOW,
        happened=(
            "The user is no longer enrolled: somebody removed the tags of its enrolment.",
            "Its key is not rotated any more. The managed secret and its key stay as they are.",
        ),
        remedies=_enrol_again(notification),
        facts_title="WHO ENDED IT",
    )


def _enrol_again(notification: Notification) -> tuple[Remedy, ...]:
    user, secret = notification.user_name, notification.secret_name
    if not (is_user_name(user) and is_secret_name(secret) and notification.mode in set(Mode)):
        return ()
    return (remedies.enrol_again(user, secret, notification.mode),)


def _wanted(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            (
                f"The grace period of the replaced key {notification.access_key_id} has ended,"
                f" but the key is kept: {notification.reason}."
            ),
            "Change the applications that still use it, so that they read the secret.",
        ),
        remedies=_key_remedies(notification, remedies.show_last_use, remedies.list_recent_calls),
        facts_title="WHO STILL USES IT",
    )


def _retired(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.LOW,
        happened=(
            f"The replaced key {notification.access_key_id} was deactivated at {moment(notification.at)}.",
            (
                "Its grace period had ended, its successor is in use, and it was unused for longer than"
                " between any two uses that are known."
            ),
            (
                "AWS records hardly any call with an inactive key: a job that still needs it fails without an"
                " alert. Reactivate the key if you know one."
            ),
        ),
        remedies=_key_and_user_remedies(notification, remedies.reactivate_retired),
        facts_title="ITS LAST USE AND ITS DELETION",
    )


def _deleted(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.LOW,
        happened=(
            f"The replaced key {notification.access_key_id} was deleted.",
            "It had been inactive for the configured time.",
        ),
        remedies=_user_remedies(notification, remedies.list_keys),
    )


def _unused(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            (
                f"The replaced key {notification.access_key_id} is inactive, and was not used for the"
                " configured time."
            ),
            "It takes one of its user's two slots, which a rotation may need, and is going to be deleted.",
        ),
        remedies=_key_and_user_remedies(notification, remedies.reactivate_retired),
        facts_title="ITS LAST USE AND ITS DELETION",
    )


def _removed(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            (
                f"The inactive key {notification.access_key_id} is deleted, because its user needs a free"
                " slot for a new key."
            ),
            "It was not used for the configured time, and none of the user's managed secrets needs it.",
        ),
        remedies=_user_remedies(notification, remedies.list_keys),
    )


def _given_back(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.HIGH,
        happened=(
            (
                f"Calls with the replaced key {notification.access_key_id} failed after it had"
                " been deactivated."
            ),
            "So the key was reactivated.",
            "Point its callers to the secret: the key is retired once they have moved.",
        ),
        remedies=_key_remedies(notification, remedies.show_last_use),
        facts_title="WHO STILL USES IT",
    )


def _kept_off(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.HIGH,
        decision=Action.REFUSE,
        happened=(
            (
                f"Calls with the replaced key {notification.access_key_id} failed after it had"
                " been deactivated."
            ),
            f"The key is not reactivated: {notification.reason}.",
            "The caller may have stolen the key. Point its rightful users to the secret.",
        ),
        remedies=_key_remedies(notification, remedies.show_last_use),
        facts_title="WHO STILL USES IT",
    )


def _left(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            (
                f"The key {notification.access_key_id} is neither deactivated nor deleted:"
                f" {notification.reason}."
            ),
            ("It stays as it is for as long as that is so. If nobody needs it, delete it."),
        ),
        remedies=(
            *_key_remedies(notification, remedies.show_last_use),
            *_user_remedies(notification, remedies.list_keys),
        ),
    )


def _fields_not_renewed(_notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            "Some fields of the secret seem to depend on an access key, but no rotation renews them.",
            "Renew them yourself after each rotation, or derive them where the secret is read.",
        ),
        facts_title="WHICH FIELDS",
    )


def _secret_gone(notification: Notification) -> NotificationContent:
    return NotificationContent(
        severity=Severity.MEDIUM,
        happened=(
            "The managed secret was deleted, or is scheduled for deletion.",
            "The keys of its user are neither rotated nor retired until the secret exists again.",
        ),
        remedies=_user_remedies(notification, remedies.list_keys),
        facts_title="WHICH KEYS ARE STILL ACTIVE",
    )


def _key_remedies(notification: Notification, *compose: Callable[[str], Remedy]) -> tuple[Remedy, ...]:
    key = notification.access_key_id
    return tuple(one(key) for one in compose) if looks_like_an_id(key) else ()


def _user_remedies(notification: Notification, compose: Callable[[str], Remedy]) -> tuple[Remedy, ...]:
    return (compose(notification.user_name),) if is_user_name(notification.user_name) else ()


def _key_and_user_remedies(
    notification: Notification, compose: Callable[[str, str], Remedy]
) -> tuple[Remedy, ...]:
    known = looks_like_an_id(notification.access_key_id) and is_user_name(notification.user_name)
    return (compose(notification.user_name, notification.access_key_id),) if known else ()


def _removal_choices(notification: Notification) -> tuple[Remedy, ...]:
    if not is_user_name(notification.user_name):
        return ()
    held = [key for key in notification.held_keys if looks_like_an_id(key)][:KEYS_ALLOWED]
    if notification.inactive_key in held:
        return (remedies.delete_inactive_key(notification.user_name, notification.inactive_key),)
    return tuple(
        remedies.remove_key(notification.user_name, key, is_current=key == notification.access_key_id)
        for key in held
    )


def _rotate_again(notification: Notification) -> tuple[Remedy, ...]:
    if not is_secret_name(notification.secret_name):
        return ()
    again = remedies.rotate_again(notification.secret_name)
    if not is_secret_name(notification.token):
        return (again,)
    return (remedies.remove_pending_label(notification.secret_name, notification.token), again)


_COMPOSERS: dict[NotificationKind, Callable[[Notification], NotificationContent]] = {
    NotificationKind.FAILED_OVER: _failed_over,
    NotificationKind.ROTATION_SUCCEEDED: _succeeded,
    NotificationKind.ROTATION_FAILED: _failed,
    NotificationKind.CLAIM_REFUSED: _claim_refused,
    NotificationKind.ENROLMENT_ENDED: _enrolment_ended,
    NotificationKind.KEY_WANTED: _wanted,
    NotificationKind.KEY_RETIRED: _retired,
    NotificationKind.KEY_DELETED: _deleted,
    NotificationKind.KEY_UNUSED: _unused,
    NotificationKind.KEY_REMOVED: _removed,
    NotificationKind.KEY_GIVEN_BACK: _given_back,
    NotificationKind.KEY_KEPT_OFF: _kept_off,
    NotificationKind.KEY_LEFT: _left,
    NotificationKind.FIELDS_NOT_RENEWED: _fields_not_renewed,
    NotificationKind.SECRET_GONE: _secret_gone,
}
