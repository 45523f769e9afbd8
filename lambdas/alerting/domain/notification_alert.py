"""The alert about a managed secret, in the layout of an incident's alert."""

from __future__ import annotations

from urllib.parse import quote

from lambdas.alerting.domain.alert import SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.layout import render_body, what_to_run
from lambdas.alerting.domain.notification_content import NotificationContent, content_for
from lambdas.alerting.domain.pointers import ROTATION_PAGE, page, where
from lambdas.aws.domain.deployment import Deployment
from lambdas.rotation.domain.notification import Notification, NotificationKind
from lambdas.text import (
    is_user_name,
    sanitize,
    sanitize_name,
    sanitize_prose,
    sanitize_secret_name,
)

_MAX_FACTS = 10  # so that the body stays within alert.BODY_LIMIT
_UNKNOWN = "-"


def compose_notification_alert(
    notification: Notification, *, deployment: Deployment, region: str, contact: str
) -> Alert:
    """`region` is the secret's. `contact` is the owner's, empty where there is none."""
    content = content_for(notification)
    return Alert(
        subject=_subject(notification, content),
        body=_body(notification, content, deployment, region, contact),
        attributes=attributes_of(
            severity=content.severity,
            decision=content.decision,
            account=deployment.account,
            owner=notification.user_name if is_user_name(notification.user_name) else "",
            region=region,
            contact=contact,
        ),
    )


def _subject(notification: Notification, content: NotificationContent) -> str:
    """Kind first, then user and secret, so that subjects can be sorted."""
    user = f"{sanitize_name(notification.user_name)[:24]}, " if notification.user_name else ""
    about = sanitize(notification.step or notification.access_key_id, 20)
    last = f" ({about})" if about != _UNKNOWN else ""
    secret = sanitize_secret_name(notification.secret_name)[:34]
    return f"[{content.severity}] {notification.kind}: {user}{secret}{last}"[:SUBJECT_LIMIT]


def _body(
    notification: Notification,
    content: NotificationContent,
    deployment: Deployment,
    region: str,
    contact: str,
) -> str:
    facts = [sanitize_prose(fact) for fact in notification.facts]
    left = len(facts) - _MAX_FACTS
    more = [f"(and {left} more)"] if left > 0 else []
    return render_body(
        (
            ("WHAT HAPPENED", [sanitize_prose(line) for line in content.happened]),
            ("WHICH SECRET", _which_secret(notification, deployment, contact)),
            (content.facts_title, [*facts[:_MAX_FACTS], *more]),
            ("WHAT TO RUN", what_to_run(content.remedies, region)),
            ("WHERE TO LOOK", _links(notification, deployment, region)),
        )
    )


_KEY_TITLES = {
    NotificationKind.ROTATION_FAILED: "Key of AWSCURRENT",
    NotificationKind.KEY_REMOVED: "Unused key",
    NotificationKind.KEY_LEFT: "Key",
    NotificationKind.FIELDS_NOT_RENEWED: "Key of AWSCURRENT",
}


def _which_secret(notification: Notification, deployment: Deployment, contact: str) -> list[str]:
    user = sanitize_name(notification.user_name) if notification.user_name else "(unknown)"
    contact_shown = f", contact {sanitize(contact, 80)}" if contact else ""
    known_as = _KEY_TITLES.get(notification.kind, "Replaced key")
    keys = ((known_as, notification.access_key_id), ("New key", notification.new_key_id))
    secret = sanitize_secret_name(notification.secret_name) if notification.secret_name else "(none named)"
    return [
        f"{secret} of IAM user {user}{contact_shown}",
        where(deployment),
        *(f"{what}: {sanitize(key, 130)}" for what, key in keys if key),
    ]


def _links(notification: Notification, deployment: Deployment, region: str) -> list[str]:
    links = []
    if notification.secret_name:
        secret = quote(notification.secret_name, safe="")
        links.append(
            f"https://{region}.{deployment.console}/secretsmanager/secret?name={secret}&region={region}"
        )
    if is_user_name(notification.user_name):
        user = quote(notification.user_name, safe="")
        links.append(
            f"https://{deployment.console}/iam/home#/users/details/{user}?section=security_credentials"
        )
    about = f"About this notification: {page(deployment, ROTATION_PAGE)}"
    return [*links, *_how_it_ends(notification), about]


def _how_it_ends(notification: Notification) -> list[str]:
    """Of the notifications that are repeated, which no exemption suppresses."""
    if notification.kind is NotificationKind.KEY_WANTED:
        return ["This is repeated once a day, until nobody uses the key."]
    if notification.refused:
        return ["This is repeated once a day, while rotations are refused for this reason."]
    return []
