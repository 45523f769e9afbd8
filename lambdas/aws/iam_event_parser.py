"""CloudTrail's records of IAM calls become LifeCycleEvents. Their shapes: aws-facts 4.5.

Whoever may call IAM chooses names and tags, so tags that look like secrets are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import ROOT
from lambdas.aws.domain.iam_events import KEY_EVENTS, USER_EVENTS, IamEvent
from lambdas.aws.domain.redaction import without_secrets
from lambdas.aws.json_fields import json_object, mapping, mappings, text, texts, utc_time
from lambdas.errors import PermanentError
from lambdas.text import is_user_name, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

_IAM = "iam.amazonaws.com"
_LONGEST_TAG = 256  # IAM quotas, "Tag value"


def parse_iam_event(body: str) -> IamEvent | None:
    """`body` is an EventBridge event as JSON; None when its record is of another or of a failed call.

    Raises PermanentError when it is not such an event, or lacks what the ledger cannot do without.
    """
    detail = json_object(body).get("detail")
    if not isinstance(detail, dict):
        raise PermanentError("the event has no detail object")
    return iam_event(detail)


def iam_event(record: Mapping[str, object]) -> IamEvent | None:
    """Raises PermanentError where the record does not say when, or of whose key."""
    name = text(record.get("eventName"))
    if text(record.get("eventSource")) != _IAM or name not in KEY_EVENTS | USER_EVENTS:
        return None
    if record.get("errorCode") or record.get("errorMessage"):
        return None
    at = utc_time(record.get("eventTime"))
    if at is None:
        raise PermanentError("the record has no usable eventTime")
    event = _event(name, at, record)
    if name in KEY_EVENTS and not looks_like_an_id(event.access_key_id):
        raise PermanentError("the record names no access key id")
    if event.user_name != ROOT and not is_user_name(event.user_name):
        raise PermanentError("the record names no user")
    if event.new_name and not is_user_name(event.new_name):
        raise PermanentError("the record does not say how the user is called now")
    return event


def actor(identity: Mapping[str, object]) -> str:
    """`user/alice` or `assumed-role/Admin/session`: the ARN without what every ARN here shares."""
    arn = text(identity.get("arn")).split(":", 5)[-1]
    return printable(arn or text(identity.get("invokedBy")) or text(identity.get("type")))


def _event(name: str, at: datetime, record: Mapping[str, object]) -> IamEvent:
    request = mapping(record.get("requestParameters"))
    answer = mapping(record.get("responseElements"))
    key, user = mapping(answer.get("accessKey")), mapping(answer.get("user"))
    return IamEvent(
        event_name=name,
        at=at.replace(microsecond=0),
        by=actor(mapping(record.get("userIdentity"))),
        user_name=_key_owner(record, request, key) if name in KEY_EVENTS else _user_name(request, user),
        access_key_id=text(request.get("accessKeyId")) or text(key.get("accessKeyId")),
        status=text(request.get("status")) if name in KEY_EVENTS else "",
        user_id=text(user.get("userId")),
        path=text(user.get("path")) or text(request.get("newPath")),
        new_name=_new_name(request),
        tags=_tags(request) if name in USER_EVENTS else {},
    )


def _user_name(request: Mapping[str, object], user: Mapping[str, object]) -> str:
    """Never the signer: these calls have to name the user (IAM API reference, DeleteUser, UserName)."""
    return text(request.get("userName")) or text(user.get("userName"))


def _key_owner(record: Mapping[str, object], request: Mapping[str, object], key: Mapping[str, object]) -> str:
    """A user that manages its own keys names none, and the signer is meant (IAM API reference, UserName);
    so does the root user, whose records call it `Root` or `root` where they have a name at all.
    """
    identity = mapping(record.get("userIdentity"))
    if named := text(request.get("userName")):
        return named
    if identity.get("type") == "Root":
        return ROOT
    own = text(identity.get("userName")) if identity.get("type") == "IAMUser" else ""
    return text(key.get("userName")) or own


def _new_name(request: Mapping[str, object]) -> str:
    new = text(request.get("newUserName"))
    return new if new != text(request.get("userName")) else ""


def _tags(request: Mapping[str, object]) -> dict[str, str | None]:
    """Those set, by name, and None for those taken off."""
    taken = dict.fromkeys(map(clean_tag, texts(request.get("tagKeys"))))
    given = clean_tags((text(it.get("key")), text(it.get("value"))) for it in mappings(request.get("tags")))
    return {name: value for name, value in {**taken, **given}.items() if name}


def clean_tags(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {clean_tag(name): clean_tag(value) for name, value in tags}


def clean_tag(text: str) -> str:
    """Without what looks like a secret; letters of any language stay, since showing makes them sanitize."""
    visible = "".join(character for character in without_secrets(text) if character.isprintable())
    return visible[:_LONGEST_TAG]
