"""Delivers a CloudTrail record to the default bus and the event history of its region."""

from __future__ import annotations

import calendar
import json
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudtrail, eventbridge

if TYPE_CHECKING:
    from local.emulator.trail.record import Record

DETAIL_TYPES: Final = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
}


def deliver(record: Record) -> None:
    with request_scope(record["recipientAccountId"], record["awsRegion"]):
        cloudtrail._get_event_queue().append(_history_entry(record))
        eventbridge._put_events({"Entries": [_bus_entry(record)]}, allow_aws_source=True)


def _bus_entry(record: Record) -> dict[str, str]:
    service = record["eventSource"].partition(".")[0]
    detail_type = DETAIL_TYPES[record["eventType"]]
    return {"Source": f"aws.{service}", "DetailType": detail_type, "Detail": json.dumps(record)}


def _history_entry(record: Record) -> dict[str, Any]:
    """The shape of LookupEvents, which keeps the record itself as a JSON string."""
    identity = record["userIdentity"]
    entry = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "EventTime": calendar.timegm(time.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ")),
        "Username": _username(identity),
        "AccessKeyId": identity.get("accessKeyId", ""),
        "ReadOnly": "true" if record["readOnly"] else "false",
        "Resources": _resources(record),
        "CloudTrailEvent": json.dumps(record),
    }
    return {name: value for name, value in entry.items() if value != ""}


def _username(identity: dict[str, Any]) -> str:
    if identity.get("type") == "Root":
        return "root"
    session_name = str(identity.get("principalId", "")).partition(":")[2]
    return str(identity.get("userName") or session_name)


def _resources(record: Record) -> list[dict[str, str]]:
    """The key and the user that an IAM call is about; without a user's name it is the signer's own. Of an
    STS call, the temporary key that it issued.
    """
    request, response = record["requestParameters"] or {}, record["responseElements"] or {}
    if record["eventSource"] == "sts.amazonaws.com":
        return _named({"AWS::IAM::AccessKey": response.get("credentials", {}).get("accessKeyId")})
    if record["eventSource"] != "iam.amazonaws.com":
        return []
    created = response.get("accessKey", {})
    user = request.get("userName") or created.get("userName") or record["userIdentity"].get("userName")
    key = request.get("accessKeyId") or created.get("accessKeyId")
    return _named({"AWS::IAM::AccessKey": key, "AWS::IAM::User": user})


def _named(named: dict[str, str | None]) -> list[dict[str, str]]:
    return [{"ResourceType": kind, "ResourceName": name} for kind, name in named.items() if name]
