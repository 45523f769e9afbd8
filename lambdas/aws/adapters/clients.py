"""The AWS clients, each created on first use and kept while the function is warm."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lambdas.aws.domain.principals import OWN_TEST_AGENT

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_BOUNDED = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3})
# LookupEvents allows two requests a second (CloudTrail API reference) and may be slow: with waits of at
# most 1 and 2 seconds between them, three attempts end within signal_batch.SECONDS_FOR_AN_INCIDENT.
_HISTORY = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})

_PATIENT = Config(
    connect_timeout=2,
    read_timeout=10,
    max_pool_connections=16,
    retries={"mode": "adaptive", "total_max_attempts": 8},
)
_ONCE = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})
_KEY_TEST = _ONCE.merge(Config(user_agent_extra=OWN_TEST_AGENT))


class Clients:
    def __init__(self) -> None:
        self._trails: dict[str, CloudTrailClient] = {}

    @cached_property
    def iam(self) -> IAMClient:
        return boto3.client("iam", config=_BOUNDED)

    @cached_property
    def patient_iam(self) -> IAMClient:
        """For thousands of requests: slows down when IAM throttles, instead of failing."""
        return boto3.client("iam", config=_PATIENT)

    def iam_once(self, agent: str) -> IAMClient:
        """Sends each request once, without retries. CloudTrail records `agent` in the user agent."""
        return boto3.client("iam", config=_ONCE.merge(Config(user_agent_extra=agent)))

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return boto3.client("secretsmanager", config=_BOUNDED)

    @cached_property
    def functions(self) -> LambdaClient:
        """Waits for the invoked function's answer and does not retry."""
        return boto3.client("lambda", config=_ONCE)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return boto3.client("logs", config=_BOUNDED)

    @cached_property
    def ssm(self) -> SSMClient:
        return boto3.client("ssm", config=_BOUNDED)

    def sts_with(self, access_key_id: str, secret_access_key: str) -> STSClient:
        return boto3.client(
            "sts",
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            config=_KEY_TEST,
        )

    def trail(self, region: str) -> CloudTrailClient:
        if region not in self._trails:
            self._trails[region] = boto3.client("cloudtrail", region_name=region, config=_HISTORY)
        return self._trails[region]

    @cached_property
    def sts(self) -> STSClient:
        return boto3.client("sts", config=_BOUNDED)

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
