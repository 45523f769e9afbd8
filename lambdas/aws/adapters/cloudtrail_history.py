"""Reads CloudTrail's event history of a key: its changes, its calls, or its issue by STS.

LookupEvents covers 90 days and allows two requests a second (CloudTrail API reference). So it is asked only
about keys that are not active and that the ledger does not know, and each worker keeps to that rate. Several
workers, or other users of the account, can exceed it together. That is no fault: the message is retried, and
rings an alarm only when it becomes a dead letter.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.rate_limiter import RateLimiter, Timer
from lambdas.aws.adapters.ttl_cache import TtlCache
from lambdas.aws.domain.iam import Issue, KeyChange, Usage
from lambdas.aws.domain.principals import is_own_test
from lambdas.aws.domain.regions import partition_of
from lambdas.aws.json_fields import mapping
from lambdas.aws.key_record_parser import parse_issue, parse_key_change
from lambdas.aws.usage_parser import count_calls, parse_authenticated_call
from lambdas.errors import BusyError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.literals import LookupAttributeKeyType

_SECONDS_BETWEEN_REQUESTS = 0.5
_CACHE_SECONDS = 60.0
_MAX_USAGE_REGIONS = 4  # within signal_batch.SECONDS_FOR_AN_INCIDENT
_MAX_PAGES = 4  # of 50 records each; most keys have a handful

T = TypeVar("T")


class CloudTrailHistory:
    """`region` is the function's own; `regions` are all monitored ones.

    IAM's calls are recorded in its home region, those of STS in the region of the endpoint. Answers are
    cached for a minute, so that a burst of signals for one key makes one request.
    """

    def __init__(
        self,
        client_in: Callable[[str], CloudTrailClient],
        *,
        iam_region: str,
        region: str,
        regions: Collection[str] = (),
        timer: Timer = time,
    ) -> None:
        self._client_in = client_in
        self._iam_region = iam_region
        self._regions = tuple(dict.fromkeys((region, iam_region)))
        self._all_regions = tuple(dict.fromkeys((*self._regions, *regions)))
        self._timer = timer
        self._limiters: dict[str, RateLimiter] = {}
        self._answers: TtlCache[list[dict[str, object]]] = TtlCache(_CACHE_SECONDS, timer.monotonic)

    def changes(self, access_key_id: str) -> tuple[KeyChange, ...]:
        """Newest first. Raises TransientError if the history cannot be read."""
        found = self._parsed(self._iam_region, access_key_id, parse_key_change)
        return tuple(sorted(found, key=lambda change: change.at, reverse=True))

    def find_issue(self, access_key_id: str) -> Issue | None:
        searches = (self._parsed(region, access_key_id, parse_issue) for region in self._regions)
        return next((issue for found in searches for issue in found), None)

    def count_usage(self, access_key_id: str, regions: Collection[str]) -> tuple[Usage, ...]:
        return count_calls(self._calls(access_key_id, regions))

    def use_times(self, access_key_id: str, regions: Collection[str]) -> tuple[datetime, ...]:
        calls = self._calls(access_key_id, regions)
        return tuple(call.last_at for call in calls if not is_own_test(call.caller.user_agent))

    def sources_until(self, access_key_id: str, until: datetime, regions: Collection[str]) -> frozenset[str]:
        calls = self._calls(access_key_id, regions, until)
        return frozenset(call.caller.source for call in calls if not is_own_test(call.caller.user_agent))

    def _calls(
        self, access_key_id: str, regions: Collection[str], until: datetime | None = None
    ) -> list[Usage]:
        known = [region for region in regions if partition_of(region)]
        asked = tuple(dict.fromkeys((*known, *self._all_regions)))[:_MAX_USAGE_REGIONS]
        return [
            call
            for region in asked
            for record in self._records(region, "AccessKeyId", access_key_id, until)
            if (call := parse_authenticated_call(record, access_key_id)) is not None
        ]

    def _parsed(
        self, region: str, access_key_id: str, parse: Callable[[dict[str, object], str], T | None]
    ) -> list[T]:
        records = self._records(region, "ResourceName", access_key_id)
        return [found for record in records if (found := parse(record, access_key_id)) is not None]

    def _records(
        self, region: str, attribute: LookupAttributeKeyType, value: str, until: datetime | None = None
    ) -> list[dict[str, object]]:
        """`until` asks for a page of the last ones before that moment."""
        span: dict[str, Any] = {"EndTime": until} if until else {}

        def look_up() -> list[dict[str, object]]:
            with aws_errors("cloudtrail:LookupEvents", known={"ThrottlingException": _throttled()}):
                return list(self._pages(region, attribute, value, span, 1 if until else _MAX_PAGES))

        return self._answers.get((region, attribute, value, until), look_up)

    def _pages(
        self,
        region: str,
        attribute: LookupAttributeKeyType,
        value: str,
        span: Mapping[str, datetime],
        pages: int,
    ) -> Iterator[dict[str, object]]:
        limiter = self._limiters.setdefault(region, RateLimiter(_SECONDS_BETWEEN_REQUESTS, self._timer))
        position: Mapping[str, Any] = span
        for _ in range(pages):
            limiter.wait()
            page = self._client_in(region).lookup_events(
                LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}], **position
            )
            for event in page["Events"]:
                yield _record(event["CloudTrailEvent"])
            if not page.get("NextToken"):
                return
            position = {**span, "NextToken": page["NextToken"]}


def _throttled() -> BusyError:
    return BusyError("cloudtrail:LookupEvents is throttled")


def _record(text: str) -> dict[str, object]:
    try:
        return mapping(json.loads(text))
    except ValueError as error:
        raise TransientError("cloudtrail:LookupEvents: a record is not JSON") from error
