"""Parses CloudTrail records of a key's changes and of its issue by STS. Their shapes: aws-facts 4.5."""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.aws.domain.iam import ROOT, Issue, KeyChange
from lambdas.aws.iam_event_parser import actor, iam_event
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.errors import PermanentError

_ARN_PARTS = 6  # arn:partition:service:region:account:resource


def parse_key_change(record: Mapping[str, object], access_key_id: str) -> KeyChange | None:
    """None unless the record is of a successful change of this key."""
    try:
        event = iam_event(record)
    except PermanentError:
        return None
    if event is None or event.access_key_id != access_key_id:
        return None
    return KeyChange(
        event_name=event.event_name,
        at=event.at,
        by=event.by,
        user_name="" if event.user_name == ROOT else event.user_name,
        status=event.status,
        user_agent=text(record.get("userAgent")),
        source=event.source,
    )


def parse_issue(record: Mapping[str, object], access_key_id: str) -> Issue | None:
    """None unless the record is of the STS call that returned this temporary key."""
    at = utc_time(record.get("eventTime"))
    answer = mapping(record.get("responseElements"))
    if mapping(answer.get("credentials")).get("accessKeyId") != access_key_id or at is None:
        return None
    identity = mapping(record.get("userIdentity"))
    holder = text(mapping(record.get("requestParameters")).get("roleArn")) or text(identity.get("arn"))
    parts = holder.split(":", _ARN_PARTS - 1)
    return Issue(
        event_name=text(record.get("eventName")),
        at=at,
        by=actor(identity),
        to=parts[-1] or actor(identity),
        account=parts[-2] if len(parts) == _ARN_PARTS else "",
    )
