"""Parses a report, which a program put on the default bus about its own refused call, into a Signal.

All of it is claimed (docs/reports.md): EventBridge vouches for the account alone. So a field of another type
is rejected, longer texts are cut, and no address of a caller is taken from it, by which others decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from lambdas.aws.domain.iam import REPORTED, Caller
from lambdas.aws.domain.redaction import may_hold_a_secret
from lambdas.aws.json_fields import text, utc_time
from lambdas.detection.domain.signal import Signal
from lambdas.detection.untrusted_fields import FIRST_YEAR, by_caller
from lambdas.errors import PermanentError
from lambdas.text import printable

SOURCE = "access-key-remediator.report"
DETAIL_TYPE = "Access Key Refused"
EVENT = "access-key-refused"
MAX_COUNT = 1_000_000
_TEXTS = (
    "accessKeyId", "errorCode", "errorMessage", "service", "operation", "region", "endpoint", "sdk", "host",
    "credentialSource",
)  # fmt: skip
_VERSION = re.compile(r"1\.[0-9]{1,4}")
_REGION = re.compile(r"[a-z0-9-]{0,32}")
_FLAW = "malformed: "  # before the flaw of an id that the reporter does not repeat
_MAX_ID, _MAX_FLAW, _MAX_NAME = 1024, 80, 64


def parse_report(envelope: Mapping[str, object], sent_at: datetime | None) -> Signal:
    """`sent_at` is when the report reached the queue: no call was refused later, whatever a report says.

    Raises PermanentError if the report is not as docs/refused-call-report.schema.json demands.
    """
    report = envelope.get("detail")
    if not isinstance(report, dict) or report.get("event") != EVENT:
        raise PermanentError(f"the report's event is not {EVENT}")
    _check(report)
    access_key_id, flaw = _split_flaw(text(report["accessKeyId"])[:_MAX_ID])
    return Signal(
        access_key_id=access_key_id,
        stated_flaw=flaw,
        error_code=by_caller(report, "errorCode", access_key_id, _MAX_NAME),
        error_message=by_caller(report, "errorMessage", access_key_id),
        service=by_caller(report, "service", access_key_id, _MAX_NAME),
        operation=by_caller(report, "operation", access_key_id, 2 * _MAX_NAME),
        region=text(report.get("region")) or printable(text(envelope.get("region")), _MAX_NAME),
        account=printable(text(envelope.get("account"))),
        principal="",
        principal_type="",
        caller=Caller(source=REPORTED, user_agent=_reporter(report, access_key_id)),
        made_by_aws=False,
        occurred_at=_occurred_at(report, sent_at),
        calls=_count(report),
    )


def _check(report: Mapping[str, object]) -> None:
    if _VERSION.fullmatch(text(report.get("schemaVersion"))) is None:
        raise PermanentError("the report's schemaVersion is not 1.x")
    for name in _TEXTS:
        if not isinstance(report.get(name, ""), str):
            raise PermanentError(f"the report's {name} is not text")
    for name in ("accessKeyId", "errorCode"):
        if not text(report.get(name)).strip():
            raise PermanentError(f"the report has no {name}")
    if _REGION.fullmatch(text(report.get("region"))) is None:
        raise PermanentError("the report's region is not the name of a region")


def _split_flaw(sent: str) -> tuple[str, str]:
    """The id and the flaw, of which one is empty. What may be a secret is an id, whatever precedes it."""
    if not sent.startswith(_FLAW) or may_hold_a_secret(sent):
        return sent, ""
    return "", printable(sent.removeprefix(_FLAW), _MAX_FLAW)


def _reporter(report: Mapping[str, object], access_key_id: str) -> str:
    """What the reporter says of itself: host, where its key is from, SDK, endpoint."""
    host, origin, sdk, endpoint = (
        by_caller(report, name, access_key_id, _MAX_NAME)
        for name in ("host", "credentialSource", "sdk", "endpoint")
    )
    return ", ".join(filter(None, (host, origin and f"key from {origin}", sdk, endpoint)))


def _occurred_at(report: Mapping[str, object], sent_at: datetime | None) -> datetime:
    at = utc_time(report.get("at"))
    if at is None or at.year < FIRST_YEAR:
        raise PermanentError("the report has no usable time in at")
    return min(at, sent_at) if sent_at else at


def _count(report: Mapping[str, object]) -> int:
    count = report.get("count", 1)
    if type(count) is not int or not 1 <= count <= MAX_COUNT:
        raise PermanentError(f"the report's count is not a whole number from 1 to {MAX_COUNT}")
    return count
