"""Permissions taken away from a deployed function, and what its operators see of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local.emulator.gaps.cloudwatch.evaluation import metrics_of
from local.failures import ALARM
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.deployment import Deployment

MEMORY = 256
WITHOUT_A_LOOK_UP = "IAM lists a key that it does not resolve: a permission may be missing"
POLICY = "taken-away"


@dataclass(frozen=True)
class DeployedFunction:
    deployment: Deployment
    name: str

    @cached_property
    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = self._functions.get_function_configuration(FunctionName=self.name)
        return found

    @property
    def role(self) -> str:
        return str(self.configuration["Role"]).rsplit("/", 1)[-1]

    def deny(self, action: str) -> None:
        """Whatever fails for want of it says so, and rings one of the alarms."""
        where = self.configuration["Handler"].split(".")[-2]
        for words in (action, WITHOUT_A_LOOK_UP, "AccessDeniedException"):
            self.deployment.failures.expect(where, words)
        for metric in ("FailedRecords", "FailedSteps", "Errors"):
            self.deployment.failures.expect(ALARM, f"ALARM: {metric} ")
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._iam.put_role_policy(RoleName=self.role, PolicyName=POLICY, PolicyDocument=document)
        self._forget(MEMORY + 1)

    def restore(self) -> None:
        if POLICY in self._iam.list_role_policies(RoleName=self.role)["PolicyNames"]:
            self._iam.delete_role_policy(RoleName=self.role, PolicyName=POLICY)
        self._forget(MEMORY)

    def granted(self) -> set[str]:
        """Every action that its own policies allow."""
        names = self._iam.list_role_policies(RoleName=self.role)["PolicyNames"]
        documents = [
            self._iam.get_role_policy(RoleName=self.role, PolicyName=name)["PolicyDocument"] for name in names
        ]
        statements = [statement for document in documents for statement in document["Statement"]]
        return {action for statement in statements for action in _list(statement["Action"])}

    def errors(self) -> float:
        """Invocations that ended with an error."""
        return total(self.deployment, "AWS/Lambda", "Errors", {"FunctionName": self.name})

    def _forget(self, memory: int) -> None:
        """What it remembers while warm, by another size of its memory; and the probe key."""
        self._functions.update_function_configuration(FunctionName=self.name, MemorySize=memory)
        leases = self.configuration["Environment"]["Variables"].get("LEASE_TABLE_NAME")
        if leases:
            tables: Any = self.deployment.aws.session().client("dynamodb")
            tables.delete_item(TableName=leases, Key={"name": {"S": "probe-key"}})

    @cached_property
    def _iam(self) -> Any:
        return self.deployment.aws.session().client("iam")

    @cached_property
    def _functions(self) -> Any:
        return self.deployment.aws.session().client("lambda")


SERVICE = {"service": "access-key-remediator"}


def failed_records(deployment: Deployment) -> float:
    return total(deployment, "AccessKeyRemediator", "FailedRecords", SERVICE)


def failed_records_alarm_if_repeated(deployment: Deployment) -> bool:
    return alarmed_if_repeated(deployment, "FailedRecords", SERVICE)


def total(deployment: Deployment, namespace: str, metric: str, dimensions: dict[str, str]) -> float:
    now = datetime.now(UTC)
    answer = (
        deployment.aws.session()
        .client("cloudwatch")
        .get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


def alarmed_if_repeated(deployment: Deployment, metric: str, dimensions: Mapping[str, str]) -> bool:
    """Whether the alarm on the metric rings where what was counted now was counted some minutes before too.

    An alarm rings when work fails twice, and a message is retried only after three minutes.
    """
    cloudwatch = deployment.aws.session().client("cloudwatch")
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    (name, watched), *others = [
        (alarm["AlarmName"], watched)
        for alarm in alarms
        for watched in metrics_of(alarm).values()
        if watched.name == metric and all(value in watched.dimensions for value in dimensions.values())
    ]
    assert not others or {other for other, _ in others} == {name}
    before: Any = {
        "MetricName": metric,
        "Dimensions": json.loads(watched.dimensions),
        "Timestamp": datetime.now(UTC) - timedelta(minutes=3),
        "Value": 1,
    }
    cloudwatch.put_metric_data(Namespace=watched.namespace, MetricData=[before])

    def rings() -> bool:
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return bool(alarm["StateValue"] == "ALARM")

    return wait_until(rings)


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.2)
    return is_so()


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
