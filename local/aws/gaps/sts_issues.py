"""What CloudTrail's records of STS calls say beyond the common fields.

AWS's records name the role that was asked for and the credentials that were issued, their secret left out,
and the history finds the call by their access key id (STS's examples of log entries; seen in published
trails). The emulator has none of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.aws.calls import xml_texts

if TYPE_CHECKING:
    from local.aws.calls import Answer, Call
    from local.aws.trail.record import Record


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
