"""Answers LookupEvents for one key within the process, because moto does not have it."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

from bench.processes import REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.session import Session

ACCOUNT = "123456789012"  # moto's
_ADMINISTRATOR = {
    "type": "IAMUser",
    "principalId": "AIDAQ3EGQTCZLADMINBOB",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAQ3EGQTCZLADMINAB",
    "userName": "bob",
}


@dataclass(frozen=True, kw_only=True)
class KeyEvent:
    """A change of a key in the event history."""

    name: str
    access_key_id: str
    request: Mapping[str, str]
    response: Mapping[str, object] | None
    at: datetime

    def as_event(self) -> dict[str, Any]:
        record = self.as_record()
        return {
            "EventId": record["eventID"],
            "EventName": self.name,
            "ReadOnly": "false",
            "AccessKeyId": _ADMINISTRATOR["accessKeyId"],
            "EventTime": self.at.timestamp(),
            "EventSource": record["eventSource"],
            "Username": _ADMINISTRATOR["userName"],
            "Resources": [{"ResourceType": "AWS::IAM::AccessKey", "ResourceName": self.access_key_id}],
            "CloudTrailEvent": json.dumps(record),
        }

    def as_record(self) -> dict[str, object]:
        return {
            "eventVersion": "1.11",
            "userIdentity": _ADMINISTRATOR,
            "eventTime": f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": "iam.amazonaws.com",
            "eventName": self.name,
            "awsRegion": REGION,
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2.31.0",
            "requestParameters": self.request,
            "responseElements": self.response,
            "requestID": str(uuid.uuid4()),
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }


class History:
    def __init__(self) -> None:
        self._events: list[KeyEvent] = []

    def replace(self, events: Iterable[KeyEvent]) -> None:
        self._events = list(events)

    def attach(self, session: Session) -> None:
        answer: Any = self._answer  # botocore's stubs know no handler that returns something
        session.register("before-send.cloudtrail.LookupEvents", answer)

    def _answer(self, **sent: Any) -> AWSResponse:  # noqa: ANN401 -- botocore's
        request: AWSPreparedRequest = sent["request"]
        [attribute] = json.loads(cast("bytes", request.body))["LookupAttributes"]
        newest_first = [event for event in reversed(self._events) if _matches(event, attribute)]
        body = json.dumps({"Events": [event.as_event() for event in newest_first]}).encode()
        raw = HTTPResponse(body=io.BytesIO(body), preload_content=False)
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)


def _matches(event: KeyEvent, attribute: Mapping[str, str]) -> bool:
    return attribute == {"AttributeKey": "ResourceName", "AttributeValue": event.access_key_id}
