"""CloudTrail's records of good calls that were made with a key, counted by who made them and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, NEIGHBOUR_CODES, bare
from lambdas.aws.domain.iam import Caller, Usage
from lambdas.aws.domain.redaction import without_secrets
from lambdas.aws.json_fields import mapping, text, utc_time
from lambdas.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def parse_good_call(record: Mapping[str, object], access_key_id: str) -> Usage | None:
    """None unless the record is of a call that the very key signed and that AWS authenticated."""
    at = utc_time(record.get("eventTime"))
    if mapping(record.get("userIdentity")).get("accessKeyId") != access_key_id or at is None:
        return None
    if bare(text(record.get("errorCode"))) in KEY_FAILURE_CODES | NEIGHBOUR_CODES:
        return None
    agent = without_secrets(text(record.get("userAgent")))
    return Usage(
        caller=Caller(source=printable(text(record.get("sourceIPAddress"))), user_agent=printable(agent)),
        service=printable(text(record.get("eventSource")).removesuffix(".amazonaws.com")),
        region=printable(text(record.get("awsRegion"))),
        calls=1,
        last_at=at,
    )


def counted(calls: Iterable[Usage]) -> tuple[Usage, ...]:
    """One Usage for each caller, service and region; the busiest first."""
    together: dict[tuple[Caller, str, str], list[Usage]] = {}
    for call in calls:
        together.setdefault((call.caller, call.service, call.region), []).append(call)
    usages = [
        Usage(
            caller=caller,
            service=service,
            region=region,
            calls=len(same),
            last_at=max(call.last_at for call in same),
        )
        for (caller, service, region), same in together.items()
    ]
    return tuple(sorted(usages, key=lambda usage: (-usage.calls, usage.service, usage.region)))
