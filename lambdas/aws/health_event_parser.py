"""Parses AWS Health's events about exposed access keys, which name the keys as affected entities.

Their shape: AWS Health user guide, Amazon EventBridge schema; aws-health-tools, AWS_RISK_CREDENTIALS_EXPOSED.
"""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.exposure import EXPOSURES, Exposure
from lambdas.aws.json_fields import mapping, mappings, text, utc_time
from lambdas.errors import PermanentError

DETAIL_TYPE = "AWS Health Event"


def parse_exposures(event: Mapping[str, object]) -> tuple[Exposure, ...]:
    """`event` is an EventBridge event. Empty if it is about something else.

    Raises PermanentError if it names no access key id, or has no time.
    """
    detail, at = mapping(event.get("detail")), utc_time(event.get("time"))
    event_type = text(detail.get("eventTypeCode"))
    if event_type not in EXPOSURES:
        return ()
    entities = (text(entity.get("entityValue")) for entity in mappings(detail.get("affectedEntities")))
    key_ids = sorted({value for value in entities if looks_like_an_id(value)})
    if at is None or not key_ids:
        raise PermanentError("the event does not say which key was exposed, or when")
    return tuple(Exposure(access_key_id=key_id, event_type=event_type, at=at) for key_id in key_ids)
