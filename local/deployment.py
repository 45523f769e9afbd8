"""A local AWS with the stack deployed, and a reader each for the alerts and the operations topic.

The demo and the end-to-end tests use it, each with its own state directory and port.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local import operator_role
from local.cdk import Cdk
from local.emulator.process import start
from local.emulator.settings import REGION
from local.failures import Failures
from local.inbox import Inbox
from local.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from local.emulator.process import LocalAws
    from local.emulator.settings import Settings

ALARM_SECONDS = 2  # until the last failure has raised its alarm
DELETION_GRACE_SECONDS = 2  # instead of 90, so that nobody has to wait for a predicted outage


@dataclass(frozen=True)
class Deployment:
    aws: LocalAws
    config: Mapping[str, Any]
    outputs: Mapping[str, str]
    alerts: Inbox
    operations: Inbox

    @cached_property
    def failures(self) -> Failures:
        return Failures(self.aws.session(), self.outputs["DeadLetterQueueUrl"])

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.aws, self.outputs)

    def incidents_of(self, key: str) -> list[dict[str, Any]]:
        """The items of the incident table in DynamoDB JSON."""
        answer = (
            self.aws.session()
            .client("dynamodb")
            .query(
                TableName=self.outputs["IncidentTableName"],
                KeyConditionExpression="accessKeyId = :key",
                ExpressionAttributeValues={":key": {"S": key}},
                ConsistentRead=True,
            )
        )
        items: list[dict[str, Any]] = answer["Items"]
        return items

    def inject(self, body: str, queue: str = "SignalQueueUrl") -> None:
        """Sends a message directly to the queue of this output, which only an operator may."""
        sqs: Any = operator_role.session(self.aws).client("sqs")
        sqs.send_message(QueueUrl=self.outputs[queue], MessageBody=body)


@contextmanager
def open_deployment(
    state: Path,
    settings: Settings | None = None,
    step: Callable[[str], AbstractContextManager[object]] = nullcontext,
    region: str = REGION,
    assemblies: Path | None = None,
    **changes: object,
) -> Iterator[Deployment]:
    """Starts a local AWS, deploys the stack with `changes` to its configuration, and stops the local AWS.

    `region` is the main region, also of the sessions. `assemblies` is as in Cdk. Each part of the work runs
    within `step(its name)`. Raises UnexpectedFailuresError in the end if anything failed that was not broken
    on purpose.
    """
    with step("Starting a local AWS on loopback, with IAM enforced"):
        aws = start(state, settings=settings).in_region(region)
    try:
        deployment = _deploy(Cdk(aws, assemblies=assemblies), step, changes)
        yield deployment
        time.sleep(ALARM_SECONDS)
        deployment.failures.assert_none()
    finally:
        aws.stop()


def _deploy(
    cdk: Cdk, step: Callable[[str], AbstractContextManager[object]], changes: Mapping[str, object]
) -> Deployment:
    aws = cdk.aws
    alerts, operations = (Inbox.open(aws.session(), name) for name in ("alerts", "operations"))
    operator_role.create(aws)
    config = {
        "subscriptions": [{"protocol": "sqs", "endpoint": alerts.arn}],
        "operationsSubscriptions": [{"protocol": "sqs", "endpoint": operations.arn}],
        "knownAccounts": {aws.account: "local"},
        "contactDomains": ["example.com"],
        "chat": True,
        "operatorRoleArns": [operator_role.ARN],
        "deletionGraceSeconds": DELETION_GRACE_SECONDS,
        **changes,
    }
    with step("Running `cdk bootstrap` and `cdk deploy`"):
        outputs = cdk.deploy(config)
    return Deployment(aws, config, outputs, alerts, operations)
