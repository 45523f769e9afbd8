"""List prices in us-east-1, in dollars, without free tiers and discounts for volume.

They were read on READ_ON, from the page named with each, which quotes AWS's own. Prices without such a page
have not changed for years, and were not read again.
"""

from __future__ import annotations

from dataclasses import dataclass

READ_ON = "2026-11-27"
MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Price:
    """`page` is AWS's own page; `read_in` is the page where the price was read."""

    dollars: float
    per: int
    unit: str
    page: str
    read_in: str = "not read again"


SQS_REQUEST = Price(
    dollars=0.40,
    per=MILLION,
    unit="requests",
    page="https://aws.amazon.com/sqs/pricing/",
    read_in="https://cloudburn.io/blog/amazon-sqs-pricing",
)
LAMBDA_REQUEST = Price(
    dollars=0.20,
    per=MILLION,
    unit="requests",
    page="https://aws.amazon.com/lambda/pricing/",
    read_in="https://git.mcrn.ar/mariano/lambda_local_runner/src/branch/main/docs/lambdas-md/lambda-13-cost.md",
)
LAMBDA_GB_SECOND = Price(
    dollars=0.0000133334,
    per=1,
    unit="GB-second, arm64",
    page="https://aws.amazon.com/lambda/pricing/",
    read_in="https://cloudchipr.com/blog/aws-lambda-pricing",
)
DYNAMODB_WRITE_UNIT = Price(
    dollars=0.625,
    per=MILLION,
    unit="write request units",
    page="https://aws.amazon.com/dynamodb/pricing/on-demand/",
    read_in="https://airbyte.com/data-engineering-resources/dynamodb-pricing",
)
DYNAMODB_READ_UNIT = Price(
    dollars=0.125,
    per=MILLION,
    unit="read request units",
    page="https://aws.amazon.com/dynamodb/pricing/on-demand/",
    read_in="https://airbyte.com/data-engineering-resources/dynamodb-pricing",
)
SNS_PUBLISH = Price(
    dollars=0.50,
    per=MILLION,
    unit="publishes",
    page="https://aws.amazon.com/sns/pricing/",
    read_in="https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/",
)
SNS_EMAIL = Price(
    dollars=2.00,
    per=100_000,
    unit="e-mails",
    page="https://aws.amazon.com/sns/pricing/",
    read_in="https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/",
)
CUSTOM_EVENT = Price(
    dollars=1.00,
    per=MILLION,
    unit="events",
    page="https://aws.amazon.com/eventbridge/pricing/",
    read_in="https://cloudburn.io/blog/amazon-eventbridge-pricing",
)
KMS_REQUEST = Price(dollars=0.03, per=10_000, unit="requests", page="https://aws.amazon.com/kms/pricing/")
LOG_BYTE = Price(dollars=0.50, per=1024**3, unit="bytes", page="https://aws.amazon.com/cloudwatch/pricing/")
ALARM_METRIC = Price(
    dollars=0.10,
    per=1,
    unit="metric of an alarm, a month",
    page="https://aws.amazon.com/cloudwatch/pricing/",
    read_in="https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm",
)
COMPOSITE_ALARM = Price(
    dollars=0.50,
    per=1,
    unit="composite alarm, a month",
    page="https://aws.amazon.com/cloudwatch/pricing/",
    read_in="https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm",
)
CUSTOM_METRIC = Price(
    dollars=0.30,
    per=1,
    unit="metric, a month, by the hour",
    page="https://aws.amazon.com/cloudwatch/pricing/",
    read_in="https://signoz.io/guides/cloudwatch-pricing",
)
KMS_KEY = Price(
    dollars=1.00,
    per=1,
    unit="key, a month",
    page="https://aws.amazon.com/kms/pricing/",
    read_in="https://cloudburn.io/blog/aws-kms-pricing",
)
SECRET = Price(
    dollars=0.40, per=1, unit="secret, a month", page="https://aws.amazon.com/secrets-manager/pricing/"
)
TRAIL_EVENT = Price(
    dollars=2.00,
    per=100_000,
    unit="management events in a second trail",
    page="https://aws.amazon.com/cloudtrail/pricing/",
)
