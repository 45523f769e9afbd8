"""CloudTrail's records of a key's life become KeyChanges and Issues. Their shapes: aws-facts 4.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.adapters.json_fields import mapping, text, utc_time
from lambdas.domain.evidence import Issue, KeyChange

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT_PART = 4  # arn:partition:service:region:account:resource
EVENT_NAMES = frozenset({"CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"})


def parse_key_change(record: Mapping[str, object], access_key_id: str) -> KeyChange | None:
    """None unless the record is of a successful change of that very key."""
    at = utc_time(record.get("eventTime"))
    if text(record.get("eventName")) not in EVENT_NAMES or record.get("errorCode") or at is None:
        return None
    request = mapping(record.get("requestParameters"))
    created = mapping(mapping(record.get("responseElements")).get("accessKey"))
    if access_key_id not in {request.get("accessKeyId"), created.get("accessKeyId")}:
        return None
    identity = mapping(record.get("userIdentity"))
    return KeyChange(
        event_name=text(record.get("eventName")),
        at=at,
        by=_actor(identity),
        user_name=text(request.get("userName")) or text(created.get("userName")) or _self_managed(identity),
        status=text(request.get("status")),
    )


def parse_issue(record: Mapping[str, object], access_key_id: str) -> Issue | None:
    """None unless the record is of the STS call that returned that very temporary key."""
    at = utc_time(record.get("eventTime"))
    answer = mapping(record.get("responseElements"))
    if mapping(answer.get("credentials")).get("accessKeyId") != access_key_id or at is None:
        return None
    identity = mapping(record.get("userIdentity"))
    holder = text(mapping(record.get("requestParameters")).get("roleArn")) or text(identity.get("arn"))
    return Issue(
        event_name=text(record.get("eventName")),
        at=at,
        by=_actor(identity),
        to=_end_of_arn(holder) or _actor(identity),
        account=_account_of_arn(holder),
    )


def _self_managed(identity: Mapping[str, object]) -> str:
    """A user that manages its own keys names none; the signer is meant (IAM API, UserName)."""
    return text(identity.get("userName")) if identity.get("type") == "IAMUser" else ""


def _actor(identity: Mapping[str, object]) -> str:
    """`user/alice` or `assumed-role/Admin/session`: the ARN without what every ARN here shares."""
    return (
        _end_of_arn(text(identity.get("arn")))
        or text(identity.get("invokedBy"))
        or text(identity.get("type"))
    )


def _end_of_arn(arn: str) -> str:
    """`user/alice` of `arn:aws:iam::123456789012:user/alice`."""
    return arn.split(":", 5)[-1]


def _account_of_arn(arn: str) -> str:
    """Empty for what is no ARN."""
    parts = arn.split(":", 5)
    return parts[_ACCOUNT_PART] if len(parts) > _ACCOUNT_PART else ""
