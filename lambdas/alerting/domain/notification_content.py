"""What each kind of notice tells: how urgent it is, what happened, and what can be run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain import remedies
from lambdas.diagnosis.domain.cause import Severity
from lambdas.rotation.domain.key_slots import KEYS_ALLOWED
from lambdas.rotation.domain.notification import NoticeKind
from lambdas.text import can_be_a_secret_name, can_be_a_user_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.diagnosis.domain.diagnosis import Remedy
    from lambdas.rotation.domain.notification import Notice


@dataclass(frozen=True, kw_only=True)
class Story:
    """`facts_title` stands above the facts of the notice."""

    severity: Severity
    happened: tuple[str, ...]
    decision: Action = Action.NOTIFY
    remedies: tuple[Remedy, ...] = ()
    facts_title: str = "WHAT STATE THINGS ARE IN"


def story_of(notice: Notice) -> Story:
    return _TELLERS[notice.kind](notice)


def _succeeded(notice: Notice) -> Story:
    return Story(
        severity=Severity.LOW,
        decision=Action.ROTATE,
        happened=(
            f"A new key was made, tried and put into service at {moment(notice.at)}.",
            "Whoever reads its key from the secret has the new one the next time that it reads.",
        ),
        remedies=_of_the_key(notice, remedies.where_it_is_used),
    )


def _failed(notice: Notice) -> Story:
    how = "was refused at" if notice.refused else "failed at"
    step = f"its step {notice.step}" if notice.step else "one of its steps"
    return Story(
        severity=Severity.HIGH,
        decision=Action.REFUSE if notice.refused else Action.NOTIFY,
        happened=(
            f"A rotation {how} {step} at {moment(notice.at)}: {notice.reason}.",
            "Secrets Manager tries it again by itself, for some minutes: of that nothing more is told.",
        ),
        remedies=(*_choices(notice), *_rotate_again(notice)),
    )


def _claim_refused(notice: Notice) -> Story:
    return Story(
        severity=Severity.MEDIUM,
        decision=Action.REFUSE,
        happened=(f"By its tags the user claims this secret, and is not enrolled: {notice.reason}.",),
        remedies=_of_the_user(notice, remedies.withdraw_claim),
    )


def _wanted(notice: Notice) -> Story:
    return Story(
        severity=Severity.MEDIUM,
        happened=(
            f"The key {notice.access_key_id} was replaced, and its time is over: {notice.reason}.",
            "It is kept for now. Point whoever still uses it to the secret.",
        ),
        remedies=_of_the_key(notice, remedies.where_it_is_used, remedies.what_it_did),
        facts_title="WHO STILL USES IT",
    )


def _retired(notice: Notice) -> Story:
    return Story(
        severity=Severity.LOW,
        happened=(
            f"The replaced key {notice.access_key_id} was switched off at {moment(notice.at)}.",
            "Its time was over, its successor is in use, and nobody used it lately.",
        ),
        remedies=_of_both(notice, remedies.reactivate),
    )


def _deleted(notice: Notice) -> Story:
    return Story(
        severity=Severity.LOW,
        happened=(f"The replaced key {notice.access_key_id} was deleted, after its time switched off.",),
        remedies=_of_the_user(notice, remedies.list_keys),
    )


def _given_back(notice: Notice) -> Story:
    return Story(
        severity=Severity.HIGH,
        happened=(
            f"Calls with the replaced key {notice.access_key_id} failed after it had been switched off.",
            "So it was switched on again.",
            "Point its users to the secret: it goes when they have moved.",
        ),
        remedies=_of_the_key(notice, remedies.where_it_is_used),
        facts_title="WHO STILL USES IT",
    )


def _kept_off(notice: Notice) -> Story:
    return Story(
        severity=Severity.HIGH,
        decision=Action.REFUSE,
        happened=(
            f"Calls with the replaced key {notice.access_key_id} failed after it had been switched off.",
            f"It is not switched on again: {notice.reason}.",
            "Whoever calls may have stolen it. Point its rightful users to the secret.",
        ),
        remedies=_of_the_key(notice, remedies.where_it_is_used),
        facts_title="WHO STILL USES IT",
    )


def _left(notice: Notice) -> Story:
    return Story(
        severity=Severity.MEDIUM,
        happened=(
            f"The replaced key {notice.access_key_id} is neither switched off nor deleted: {notice.reason}.",
            "It stays as it is until user and secret belong together again. If nobody needs it, delete it.",
        ),
        remedies=(
            *_of_the_key(notice, remedies.where_it_is_used),
            *_of_the_user(notice, remedies.list_keys),
        ),
    )


def _secret_gone(notice: Notice) -> Story:
    return Story(
        severity=Severity.MEDIUM,
        happened=(
            "The managed secret was deleted, or is scheduled for deletion.",
            "Nothing rotates or retires the keys of its user any more, until it is there again.",
        ),
        remedies=_of_the_user(notice, remedies.list_keys),
        facts_title="WHICH KEYS ARE STILL ALIVE",
    )


def _of_the_key(notice: Notice, *make: Callable[[str], Remedy]) -> tuple[Remedy, ...]:
    key = notice.access_key_id
    return tuple(one(key) for one in make) if looks_like_an_id(key) else ()


def _of_the_user(notice: Notice, make: Callable[[str], Remedy]) -> tuple[Remedy, ...]:
    return (make(notice.user_name),) if can_be_a_user_name(notice.user_name) else ()


def _of_both(notice: Notice, make: Callable[[str, str], Remedy]) -> tuple[Remedy, ...]:
    known = looks_like_an_id(notice.access_key_id) and can_be_a_user_name(notice.user_name)
    return (make(notice.user_name, notice.access_key_id),) if known else ()


def _choices(notice: Notice) -> tuple[Remedy, ...]:
    if not can_be_a_user_name(notice.user_name):
        return ()
    held = [key for key in notice.held_keys if looks_like_an_id(key)][:KEYS_ALLOWED]
    return tuple(
        remedies.give_up(notice.user_name, key, in_service=key == notice.access_key_id) for key in held
    )


def _rotate_again(notice: Notice) -> tuple[Remedy, ...]:
    if not can_be_a_secret_name(notice.secret_name):
        return ()
    again = remedies.rotate_again(notice.secret_name)
    if not can_be_a_secret_name(notice.token):
        return (again,)
    return (remedies.take_label_off(notice.secret_name, notice.token), again)


_TELLERS: dict[NoticeKind, Callable[[Notice], Story]] = {
    NoticeKind.ROTATION_SUCCEEDED: _succeeded,
    NoticeKind.ROTATION_FAILED: _failed,
    NoticeKind.CLAIM_REFUSED: _claim_refused,
    NoticeKind.KEY_WANTED: _wanted,
    NoticeKind.KEY_RETIRED: _retired,
    NoticeKind.KEY_DELETED: _deleted,
    NoticeKind.KEY_GIVEN_BACK: _given_back,
    NoticeKind.KEY_KEPT_OFF: _kept_off,
    NoticeKind.KEY_LEFT: _left,
    NoticeKind.SECRET_GONE: _secret_gone,
}
