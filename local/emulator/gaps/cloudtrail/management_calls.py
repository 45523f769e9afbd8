"""A call of a known signer.

AWS documents that CloudTrail records the management calls of every service; data calls (items, objects,
messages, invocations) need a trail that asks for them; and that EventBridge gets them by best effort, so that
a caller may ask here for its record to be lost. The emulator names no signer and nothing on the bus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.emulator.gaps.iam.iam_life_cycle import in_iam
from local.emulator.gaps.iam.sts_issues import in_sts
from local.emulator.settings import UNRECORDED
from local.emulator.trail.record import created_key

if TYPE_CHECKING:
    from local.emulator.calls import Answer, Call
    from local.emulator.trail.record import Record

DATA_CALLS: Final = {
    "dynamodb": ("Get", "Put", "Update", "Delete", "SignalBatch", "Transact", "Query", "Scan", "Execute"),
    "events": ("PutEvents",),
    "lambda": ("Invoke",),
    "logs": ("PutLogEvents", "GetLogEvents", "FilterLogEvents"),
    "monitoring": ("PutMetricData", "GetMetric"),
    "s3": ("GetObject", "PutObject", "HeadObject", "DeleteObject", "ListObjects"),
    "sns": ("Publish",),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
}


def describe(call: Call, answer: Answer) -> Record | None:
    if call.scope is None or "arn" not in call.signer or UNRECORDED in call.headers.get("user-agent", ""):
        return None
    record = created_key(call, answer, call.signer, call.signer["accountId"])
    service = call.scope[2]
    if record["eventName"].startswith(DATA_CALLS.get(service, ())) and not _on_a_table(record["eventName"]):
        return None
    if service == "sts":
        return in_sts(record, call, answer)
    return in_iam(record, call, answer) if service == "iam" else record


def _on_a_table(operation: str) -> bool:
    return operation.endswith(("Table", "TimeToLive", "ContinuousBackups"))
