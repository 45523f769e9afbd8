"""What CloudTrail's records of STS calls say beyond the common fields.

AWS documents that AssumeRole's record names the role and the session that were asked for, and the credentials
that were issued, their secret left out (IAM user guide, "Logging IAM and AWS STS API calls with AWS
CloudTrail", examples). That the history finds such a call by the issued access key id is seen in published
trails (aws-facts 4.5). For GetSessionToken, of which no record was found, the same is inferred. The emulator
has none of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.emulator.calls import xml_texts

if TYPE_CHECKING:
    from local.emulator.calls import Answer, Call
    from local.emulator.trail.record import Record


def in_sts(record: Record, call: Call, answer: Answer) -> Record:
    if answer.error is not None or not record["eventName"].startswith(("AssumeRole", "GetSessionToken")):
        return record
    issued = xml_texts(answer.body)
    return {**record, "requestParameters": _request(call), "responseElements": _response(issued)}


def _request(call: Call) -> dict[str, str] | None:
    named = {"roleArn": call.parameter("RoleArn"), "roleSessionName": call.parameter("RoleSessionName")}
    return {name: value for name, value in named.items() if value} or None


def _response(issued: dict[str, str]) -> dict[str, Any]:
    fields = {"accessKeyId": "AccessKeyId", "expiration": "Expiration", "sessionToken": "SessionToken"}
    response: dict[str, Any] = {"credentials": {name: issued[text] for name, text in fields.items()}}
    if "AssumedRoleId" in issued:
        role = {"assumedRoleId": issued["AssumedRoleId"], "arn": issued["Arn"]}
        response["assumedRoleUser"] = role
    return response
