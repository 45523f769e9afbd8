"""What was told of an incident, and what is unsent, as attributes of its DynamoDB item."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.aws.domain.times import iso
from lambdas.aws.json_fields import utc_time
from lambdas.incidents.domain.incident import Reactivation, ReportedState, RotationEnd, UpdateKind
from lambdas.incidents.domain.outbox import Channel, Outbox
from lambdas.incidents.domain.update_policy import all_told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.aws.domain.iam import Caller
    from lambdas.incidents.domain.incident import Incident


def told_attribute(told: ReportedState, digests: Mapping[Caller, str]) -> dict[str, object]:
    """`digests` are the callers' keys in the item."""
    return {
        "count": told.count,
        "callers": sorted(digests[caller] for caller in told.callers),
        "regions": sorted(told.regions),
        "kinds": {kind.value: epoch(at) for kind, at in told.kinds.items()},
        "alertAt": _epoch_or_none(told.alert_at),
        "alertCount": told.alert_count,
        "reactivatedAt": iso(told.reactivated_at) if told.reactivated_at else None,
    }


def told_of(attribute: Mapping[str, Any], callers: Mapping[str, Caller]) -> ReportedState:
    """`callers` by their keys in the item."""
    return ReportedState(
        count=int(attribute.get("count", 0)),
        callers=frozenset(callers[digest] for digest in attribute.get("callers", ()) if digest in callers),
        regions=frozenset(attribute.get("regions", ())),
        kinds={UpdateKind(kind): at_epoch(at) for kind, at in attribute.get("kinds", {}).items()},
        alert_at=at_epoch_or_none(attribute.get("alertAt")),
        alert_count=int(attribute.get("alertCount", 0)),
        reactivated_at=utc_time(attribute.get("reactivatedAt")),
    )


def told_before(incident: Incident) -> ReportedState:
    """Of a judged incident without this attribute: all there is, so that nothing of it counts as news."""
    alert_at = incident.judged_at if incident.alerted else None
    return replace(all_told(incident), alert_at=alert_at, alert_count=incident.count if alert_at else 0)


def outbox_attribute(outbox: Outbox) -> dict[str, object]:
    """Each message is JSON, as DynamoDB has no numbers that JSON has."""
    return {
        channel.value: [json.dumps(dict(message)) for message in outbox.of(channel)] for channel in Channel
    }


def outbox_of(attribute: Mapping[str, Any]) -> Outbox:
    unsent = {channel: tuple(map(json.loads, attribute.get(channel.value, ()))) for channel in Channel}
    return Outbox({channel: messages for channel, messages in unsent.items() if messages})


def reactivated_attribute(reactivated: Reactivation) -> dict[str, object]:
    return {"at": iso(reactivated.at), "by": reactivated.by}


def reactivated_of(attribute: Mapping[str, Any] | None) -> Reactivation | None:
    at = utc_time(attribute.get("at")) if attribute else None
    return Reactivation(at=at, by=str(attribute.get("by", ""))) if attribute and at else None


def rotation_of(attribute: Mapping[str, Any] | None) -> RotationEnd | None:
    """`outcome` is succeeded or failed, `at` an ISO time; `newKey` and `reason` are `-` for none."""
    at = utc_time(attribute.get("at")) if attribute else None
    if attribute is None or at is None:
        return None
    return RotationEnd(
        succeeded=attribute.get("outcome") == "succeeded",
        at=at,
        new_key=_text(attribute.get("newKey")),
        reason=_text(attribute.get("reason")),
    )


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def at_epoch(seconds: Any) -> datetime:  # noqa: ANN401 -- DynamoDB's number
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def at_epoch_or_none(seconds: Any) -> datetime | None:  # noqa: ANN401 -- as above
    return None if seconds is None else at_epoch(seconds)


def _epoch_or_none(at: datetime | None) -> int | None:
    return epoch(at) if at else None


def _text(value: object) -> str:
    return "" if value in {None, "-"} else str(value)
