"""CloudTrail's event history of a key, from the region where IAM's calls are recorded.

LookupEvents answers for 90 days and two requests a second (CloudTrail API reference), so it is asked
only about keys that are not active.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.json_fields import mapping
from lambdas.adapters.key_changes import parse_key_change
from lambdas.domain.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_cloudtrail import CloudTrailClient

    from lambdas.domain.evidence import KeyChange

_PAGES_READ = 4  # of 50 records each: a key is seldom named by more than a handful


class BotoTrailHistory:
    def __init__(self, client: Callable[[], CloudTrailClient]) -> None:
        self._client = client

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]:
        """The newest first. Raises TransientError when the history cannot be read."""
        with translated_errors("cloudtrail:LookupEvents"):
            records = list(self._records(access_key_id))
        found = (parse_key_change(record, access_key_id) for record in records)
        return tuple(sorted(filter(None, found), key=lambda change: change.at, reverse=True))

    def _records(self, access_key_id: str) -> Iterator[dict[str, object]]:
        pages = (
            self._client()
            .get_paginator("lookup_events")
            .paginate(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": access_key_id}])
        )
        for page in islice(pages, _PAGES_READ):
            for event in page["Events"]:
                yield _record(event["CloudTrailEvent"])


def _record(text: str) -> dict[str, object]:
    try:
        return mapping(json.loads(text))
    except ValueError as error:
        raise TransientError("cloudtrail:LookupEvents: a record is not JSON") from error
