"""The AWS clients, each made when first needed and kept while the function is warm."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_BOUNDED = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3})
# LookupEvents allows two requests a second (CloudTrail API reference) and may be slow: with waits of at
# most 1 and 2 seconds between them, three attempts end within batch.SECONDS_FOR_AN_INCIDENT.
_HISTORY = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})


class Clients:
    """`iam_region` is where CloudTrail records IAM's own calls."""

    def __init__(self, iam_region: str) -> None:
        self._iam_region = iam_region

    @cached_property
    def iam(self) -> IAMClient:
        return boto3.client("iam", config=_BOUNDED)

    @cached_property
    def iam_trail(self) -> CloudTrailClient:
        return boto3.client("cloudtrail", region_name=self._iam_region, config=_HISTORY)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return boto3.client("dynamodb", config=_BOUNDED)

    @cached_property
    def sns(self) -> SNSClient:
        return boto3.client("sns", config=_BOUNDED)

    @cached_property
    def events(self) -> EventBridgeClient:
        return boto3.client("events", config=_BOUNDED)

    @cached_property
    def sqs(self) -> SQSClient:
        return boto3.client("sqs", config=_BOUNDED)
