"""The logger and the metrics of every function. Log lines have ids and reasons, never a raw record."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

SERVICE = "access-key-remediator"
NAMESPACE = "AccessKeyRemediator"
FAILED_RECORDS = "FailedRecords"
FAILED_STEPS = "FailedSteps"  # of rotations, except refusals, which are reported by an alert
SECRETS_LEFT = "SecretsLeft"  # not processed in a run of retire_keys for lack of time
OVERDUE_SECONDS = "OverdueSeconds"  # of the incident that has been due for longest
SYNC_FINISHED = "SyncFinished"  # one for each completed sync of the ledger

logger = Logger(service=SERVICE, log_uncaught_exceptions=False)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
