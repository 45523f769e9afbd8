"""The logger and the metrics of every function. Log lines have ids and reasons, never a raw record."""

from __future__ import annotations

import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

SERVICE = "access-key-remediator"
NAMESPACE = "AccessKeyRemediator"
FAILED_RECORDS = "FailedRecords"
FAILED_STEPS = "FailedSteps"  # of rotations, except refusals, which are reported by an alert
SECRETS_LEFT = "SecretsLeft"  # not processed in a run of retire_keys, by an error or for lack of time
OVERDUE_SECONDS = "OverdueSeconds"  # of the incident that has been due for longest
INCOMPLETE_TOPICS = "IncompleteTopics"  # of the two for people, that lack a confirmed subscription
UNREAD_LOG_GROUPS = "UnreadLogGroups"  # configured, but without a subscription filter of the remediator
SYNC_FINISHED = "SyncFinished"  # one for each completed sync of the ledger

logger = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

# Most runs have nothing to count (see `count`).
warnings.filterwarnings("ignore", "No application metrics to publish")


def count(name: str, value: float, unit: MetricUnit = MetricUnit.Count) -> None:
    """Publishes a value above 0. CloudWatch bills a metric for each hour in which it gets data, and the
    alarms treat missing data as 0.
    """
    # https://aws.amazon.com/cloudwatch/pricing/
    if value:
        metrics.add_metric(name=name, unit=unit, value=value)
