"""Parses CloudTrail records of IAM calls into IamEvents. Their shapes: aws-facts 4.5.

Any caller of IAM chooses names and tags. Tags stay as they are; what is stored of them is another matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import ROOT
from lambdas.aws.domain.iam_events import (
    ATTACH_USER_POLICY,
    KEY_EVENTS,
    QUARANTINE_PREFIX,
    USER_EVENTS,
    IamEvent,
)
from lambdas.aws.json_fields import json_object, mapping, mappings, text, texts, utc_time
from lambdas.errors import PermanentError
from lambdas.text import is_user_name, printable

_IAM = "iam.amazonaws.com"


def parse_iam_event(body: str) -> IamEvent | None:
    """`body` is an EventBridge event as JSON. None if its record is of a failed call or of another one.

    Raises PermanentError if it is not such an event, or lacks a field that the ledger needs.
    """
    detail = json_object(body).get("detail")
    if not isinstance(detail, dict):
        raise PermanentError("the event has no detail object")
    return iam_event(detail)


def iam_event(record: Mapping[str, object]) -> IamEvent | None:
    """As parse_iam_event, from the record alone."""
    name = text(record.get("eventName"))
    if text(record.get("eventSource")) != _IAM or not _concerns_keys(name, record):
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
        raise PermanentError("the record has no usable new user name")
    return event


def _concerns_keys(name: str, record: Mapping[str, object]) -> bool:
    if name != ATTACH_USER_POLICY:
        return name in KEY_EVENTS | USER_EVENTS
    policy = text(mapping(record.get("requestParameters")).get("policyArn"))
    return policy.rpartition("/")[2].startswith(QUARANTINE_PREFIX)


def actor(identity: Mapping[str, object]) -> str:
    """The end of the caller's ARN: `user/alice` or `assumed-role/Admin/session`."""
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
        source=printable(text(record.get("sourceIPAddress"))),
        tags=_tags(request) if name in USER_EVENTS else {},
    )


def _user_name(request: Mapping[str, object], user: Mapping[str, object]) -> str:
    """Never the caller: these calls must name the user (IAM API reference, DeleteUser, UserName)."""
    return text(request.get("userName")) or text(user.get("userName"))


def _key_owner(record: Mapping[str, object], request: Mapping[str, object], key: Mapping[str, object]) -> str:
    """The caller itself if the call names no user (IAM API reference, CreateAccessKey, UserName).

    The root user names none either; if its record has a name at all, that is `Root` or `root`.
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
    """Values by name; None for a removed tag."""
    removed = dict.fromkeys(texts(request.get("tagKeys")))
    added = {text(it.get("key")): text(it.get("value")) for it in mappings(request.get("tags"))}
    return {name: value for name, value in {**removed, **added}.items() if name}
