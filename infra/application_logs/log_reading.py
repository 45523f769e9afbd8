"""The functions that find refused calls in the logs of applications.

A subscription filter in a template would fail the deployment if its log group does not exist, or has no room
for another filter. So the function `subscribe_logs` puts the filters: at each deployment that changes them,
and every hour for log groups that came later. CloudFormation has it remove them when the stack is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, CustomResource, Duration
from aws_cdk.aws_iam import ServicePrincipal
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.functions.schedule import HOUR, ScheduledRun
from lambdas.aws.domain.refusal_sentences import filter_pattern
from lambdas.handlers.bootstrap.function_settings import ReadLogsSettings, SubscribeLogsSettings

if TYPE_CHECKING:
    from infra.resources import StackResources

# The functions' names in metric math.
READ_LOGS, SUBSCRIBE_LOGS = "readlogs", "subscribelogs"
READ_TIMEOUT = Duration.minutes(1)
# At most 40 log groups, with up to three attempts of 6 seconds each for one that does not answer.
SUBSCRIBE_TIMEOUT = Duration.minutes(5)


class LogReading(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, resources: StackResources) -> None:
        super().__init__(scope, construct_id)
        self._log_groups = resources.config.application_logs.log_groups
        self.read_logs = self._reader(resources)
        self.subscribe_logs = self._subscriber(resources)
        ScheduledRun(
            self,
            "EveryHour",
            function=self.subscribe_logs,
            every=HOUR,
            description="Subscribes to configured log groups that were created meanwhile",
        )
        self._subscribe_at_deployment()
        self.functions = {READ_LOGS: self.read_logs, SUBSCRIBE_LOGS: self.subscribe_logs}

    def _reader(self, resources: StackResources) -> PythonFunction:
        function = PythonFunction(
            self,
            "ReadLogs",
            resources=resources,
            description="Finds refused calls in the lines that CloudWatch Logs delivers",
            handler_module="read_logs",
            timeout=READ_TIMEOUT,
            settings=resources.settings(ReadLogsSettings),
        )
        resources.intake.signal_queue.accept(function.execution_role)
        for index, log_group in enumerate(self._log_groups):
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
            function.add_permission(
                f"LogGroup{index}",
                principal=ServicePrincipal("logs.amazonaws.com"),
                source_arn=_arn(log_group),
                source_account=Aws.ACCOUNT_ID,
            )
        return function

    def _subscriber(self, resources: StackResources) -> PythonFunction:
        function = PythonFunction(
            self,
            "SubscribeLogs",
            resources=resources,
            description="Subscribes the function that reads logs to the configured log groups",
            handler_module="subscribe_logs",
            timeout=SUBSCRIBE_TIMEOUT,
            settings=resources.settings(
                SubscribeLogsSettings,
                log_groups=self._log_groups,
                log_filter_name=f"{Aws.STACK_NAME}-refused-calls",
                read_logs_function_arn=self.read_logs.function_arn,
            ),
        )
        for log_group in self._log_groups:
            function.allow(
                ["logs:DeleteSubscriptionFilter", "logs:PutSubscriptionFilter"],
                on=_arn(log_group),
                wildcard_reason="The ARN of a log group ends in a wildcard in policies.",
            )
        return function

    def _subscribe_at_deployment(self) -> None:
        subscriptions = CustomResource(
            self,
            "Subscriptions",
            resource_type="Custom::LogSubscriptions",
            service_token=self.subscribe_logs.function_arn,
            service_timeout=SUBSCRIBE_TIMEOUT,
            # A changed pattern makes CloudFormation send an update.
            properties={"LogGroups": [*self._log_groups], "FilterPattern": filter_pattern()},
        )
        # CloudWatch Logs tests whether it may invoke the function before it takes a filter.
        subscriptions.node.add_dependency(
            self.read_logs, self.subscribe_logs, self.subscribe_logs.execution_role
        )


def _arn(log_group: str) -> str:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    return f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:{log_group}:*"
