"""The CloudTrail record of a call that AWS just refused, as EventBridge delivers it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message


@dataclass(frozen=True, kw_only=True)
class RefusedCall:
    access_key_id: str
    account: str
    region: str
    service: str = "sts"
    operation: str = "GetCallerIdentity"
    error_code: str = "InvalidClientTokenId"
    error_message: str = INVALID_TOKEN
    source: str = "203.0.113.7"
    user_agent: str = "Boto3/1.43.106 Python/3.13.0"

    def as_event(self) -> str:
        record = self._record()
        envelope = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "AWS API Call via CloudTrail",
            "source": f"aws.{self.service}",
            "account": self.account,
            "time": record["eventTime"],
            "region": self.region,
            "resources": [],
            "detail": record,
        }
        return json.dumps(envelope)

    def _record(self) -> dict[str, Any]:
        return {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAQ3EGQTCZLEXAMPLEX",
                "accountId": self.account,
                "accessKeyId": self.access_key_id,
            },
            "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{self.service}.amazonaws.com",
            "eventName": self.operation,
            "awsRegion": self.region,
            "sourceIPAddress": self.source,
            "userAgent": self.user_agent,
            "errorCode": self.error_code,
            "errorMessage": self.error_message,
            "requestParameters": None,
            "responseElements": None,
            "requestID": str(uuid.uuid4()),
            "eventID": str(uuid.uuid4()),
            "readOnly": True,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.account,
            "eventCategory": "Management",
        }
