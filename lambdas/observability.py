"""Logs and metrics of every function. A log line carries ids and worded reasons, never a raw record."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

SERVICE = "access-key-remediator"
NAMESPACE = "AccessKeyRemediator"
FAILED_RECORDS = "FailedRecords"
FAILED_STEPS = "FailedSteps"  # of rotations, but for refusals, of which people are told
SECRETS_LEFT = "SecretsLeft"  # that a run of retire_keys had no time for
OVERDUE_SECONDS = "OverdueSeconds"  # of the incident that the timer was to look after longest
SYNC_FINISHED = "SyncFinished"  # once for each full sync of the ledger that ended

logger = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
