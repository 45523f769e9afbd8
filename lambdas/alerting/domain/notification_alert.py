"""The alert of a notice: what came of a managed secret, laid out as the alert of an incident is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from lambdas.alerting.domain.alert import SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.layout import body_of, what_to_run
from lambdas.alerting.domain.notification_content import story_of
from lambdas.rotation.domain.notification import NoticeKind
from lambdas.text import (
    can_be_a_user_name,
    inert,
    inert_name,
    inert_prose,
    inert_secret,
)

if TYPE_CHECKING:
    from lambdas.alerting.domain.notification_content import Story
    from lambdas.aws.domain.deployment import Home
    from lambdas.rotation.domain.notification import Notice

_MOST_FACTS = 10  # so that the body stays within alert.BODY_LIMIT
_UNKNOWN = "-"


def compose_notice_alert(notice: Notice, *, home: Home, region: str, contact: str) -> Alert:
    """`region` is the secret's, `contact` what the owner's tag says, empty where there is none."""
    story = story_of(notice)
    return Alert(
        subject=_subject(notice, story),
        body=_body(notice, story, home, region, contact),
        attributes=attributes_of(
            severity=story.severity,
            decision=story.decision,
            account=home.account,
            owner=notice.user_name if can_be_a_user_name(notice.user_name) else "",
            region=region,
            contact=contact,
        ),
    )


def _subject(notice: Notice, story: Story) -> str:
    """By kind first, then by user and secret, so that subjects sort."""
    user = f"{inert_name(notice.user_name)[:24]}, " if notice.user_name else ""
    about = inert(notice.step or notice.access_key_id, 20)
    last = f" ({about})" if about != _UNKNOWN else ""
    secret = inert_secret(notice.secret_name)[:34]
    return f"[{story.severity}] {notice.kind}: {user}{secret}{last}"[:SUBJECT_LIMIT]


def _body(notice: Notice, story: Story, home: Home, region: str, contact: str) -> str:
    facts = [inert_prose(fact) for fact in notice.facts]
    left = len(facts) - _MOST_FACTS
    more = [f"(and {left} more)"] if left > 0 else []
    return body_of(
        (
            ("WHAT HAPPENED", [inert_prose(line) for line in story.happened]),
            ("WHICH SECRET", _which_secret(notice, contact)),
            (story.facts_title, [*facts[:_MOST_FACTS], *more]),
            ("WHAT TO RUN", what_to_run(story.remedies)),
            ("WHERE TO LOOK", _links(notice, home, region)),
        )
    )


def _which_secret(notice: Notice, contact: str) -> list[str]:
    user = inert_name(notice.user_name) if notice.user_name else "that is not known"
    of_whom = f", contact {inert(contact, 80)}" if contact else ""
    known_as = "Key of AWSCURRENT" if notice.kind is NoticeKind.ROTATION_FAILED else "Replaced key"
    keys = ((known_as, notice.access_key_id), ("New key", notice.new_key_id))
    return [
        f"{inert_secret(notice.secret_name)} of IAM user {user}{of_whom}",
        *(f"{what}: {inert(key, 130)}" for what, key in keys if key),
    ]


def _links(notice: Notice, home: Home, region: str) -> list[str]:
    secret = quote(notice.secret_name, safe="")
    links = [f"https://{region}.{home.console}/secretsmanager/secret?name={secret}&region={region}"]
    if can_be_a_user_name(notice.user_name):
        user = quote(notice.user_name, safe="")
        links.append(f"https://{home.console}/iam/home#/users/details/{user}?section=security_credentials")
    return links
