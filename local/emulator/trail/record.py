"""One call as the CloudTrail record that AWS documents ("CloudTrail record contents")."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from local.emulator.trail.operation import operation_of

if TYPE_CHECKING:
    from local.emulator.calls import Answer, Call
    from local.emulator.identity import UserIdentity

Record: TypeAlias = "dict[str, Any]"

READ_PREFIXES: Final = ("Get", "List", "Describe", "Head", "Lookup")
HOME_REGION: Final = "us-east-1"
GLOBAL_SERVICES: Final = frozenset({"iam", "cloudfront", "organizations", "route53"})  # recorded there alone
VPC_ENDPOINT: Final = re.compile(r"(vpce-[0-9a-f]+)-")
MAX_TEXT: Final = 1024  # CloudTrail truncates errorCode, errorMessage, requestID and userAgent at 1 KB


def created_key(call: Call, answer: Answer, identity: UserIdentity, account: str) -> Record:
    _, region, service = call.scope or ("", HOME_REGION, "unknown")
    operation = operation_of(call, service)
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": HOME_REGION if service in GLOBAL_SERVICES else region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.headers.get("user-agent", "")[:MAX_TEXT],
        **_vpc_endpoint(call),
        **_error(answer, service),
        "requestParameters": None,
        "responseElements": None,
        "requestID": answer.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": operation.startswith(READ_PREFIXES),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def _vpc_endpoint(call: Call) -> dict[str, str]:
    """The host of an endpoint begins with its id (AWS PrivateLink guide, "DNS hostnames")."""
    found = VPC_ENDPOINT.match(call.headers.get("host", ""))
    return {"vpcEndpointId": found[1]} if found else {}


def _error(answer: Answer, service: str) -> dict[str, str]:
    if (error := answer.error) is None:
        return {}
    code = f"Client.{error.code}" if service == "ec2" else error.code
    return {"errorCode": code[:MAX_TEXT], "errorMessage": error.message[:MAX_TEXT]}
