"""The messages by which `read_logs` reports refused calls to `remediate`, shaped like EventBridge events.

They contain nothing of a line but its key id and what refusal_fields.py has validated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.times import iso
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.detection.domain.refusal import LoggedRefusal
from lambdas.detection.domain.signal import Signal
from lambdas.errors import PermanentError
from lambdas.text import printable

DETAIL_TYPE = "Access Key Refused In Log"
_AGENT = "application log"


def refused_calls_body(account: str, region: str, logged: LoggedRefusal) -> str:
    """`region` is that of the log group, for a line that names none."""
    refusal = logged.refusal
    detail = {
        "accessKeyId": refusal.access_key_id,
        "errorCode": refusal.code or refusal.sentence.code,
        "errorMessage": refusal.sentence.words,
        "service": refusal.service,
        "operation": refusal.operation,
        "region": refusal.region or region,
        "logGroup": logged.log_group,
        "calls": logged.calls,
        "at": iso(logged.last_seen),
    }
    return json.dumps({"detail-type": DETAIL_TYPE, "account": account, "detail": detail})


def parse_refused_calls(event: Mapping[str, object]) -> Signal:
    """Raises PermanentError if the event has no valid key id, number of calls or time."""
    detail = mapping(event.get("detail"))
    key_id, calls, at = text(detail.get("accessKeyId")), detail.get("calls"), utc_time(detail.get("at"))
    if not looks_like_an_id(key_id) or type(calls) is not int or calls < 1 or at is None:
        raise PermanentError("the event does not say which key was refused, how often, or when")
    return Signal(
        access_key_id=key_id,
        error_code=printable(text(detail.get("errorCode"))),
        error_message=printable(text(detail.get("errorMessage"))),
        service=printable(text(detail.get("service"))),
        operation=printable(text(detail.get("operation"))),
        region=printable(text(detail.get("region"))),
        account=printable(text(event.get("account"))),
        principal="",
        principal_type="",
        caller=Caller(source=printable(text(detail.get("logGroup"))), user_agent=_AGENT),
        made_by_aws=False,
        occurred_at=at,
        calls=calls,
    )
