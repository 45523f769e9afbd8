"""CloudTrail's event history of a key: its changes, from the region where IAM's calls are recorded, and
the issue of a temporary one, which STS records where it was made.

LookupEvents answers for 90 days and two requests a second (CloudTrail API reference), so it is asked
only about keys that are not active.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from lambdas.adapters.client_errors import translated_errors
from lambdas.adapters.json_fields import mapping
from lambdas.adapters.key_records import parse_issue, parse_key_change
from lambdas.domain.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_cloudtrail import CloudTrailClient

    from lambdas.domain.evidence import Issue, KeyChange

_PAGES_READ = 4  # of 50 records each: a key is seldom named by more than a handful

T = TypeVar("T")


class BotoTrailHistory:
    """`region` is where the function runs; STS records its calls there or in IAM's home region."""

    def __init__(self, client_of: Callable[[str], CloudTrailClient], *, iam_region: str, region: str) -> None:
        self._client_of = client_of
        self._iam_region = iam_region
        self._regions = tuple(dict.fromkeys((region, iam_region)))

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]:
        """The newest first. Raises TransientError when the history cannot be read."""
        found = self._parsed(self._iam_region, access_key_id, parse_key_change)
        return tuple(sorted(found, key=lambda change: change.at, reverse=True))

    def issue_of(self, access_key_id: str) -> Issue | None:
        searches = (self._parsed(region, access_key_id, parse_issue) for region in self._regions)
        return next((issue for found in searches for issue in found), None)

    def _parsed(
        self, region: str, access_key_id: str, parse: Callable[[dict[str, object], str], T | None]
    ) -> list[T]:
        with translated_errors("cloudtrail:LookupEvents"):
            records = list(_records(self._client_of(region), access_key_id))
        return [found for record in records if (found := parse(record, access_key_id)) is not None]


def _records(client: CloudTrailClient, access_key_id: str) -> Iterator[dict[str, object]]:
    pages = client.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": access_key_id}]
    )
    for page in islice(pages, _PAGES_READ):
        for event in page["Events"]:
            yield _record(event["CloudTrailEvent"])


def _record(text: str) -> dict[str, object]:
    try:
        return mapping(json.loads(text))
    except ValueError as error:
        raise TransientError("cloudtrail:LookupEvents: a record is not JSON") from error
