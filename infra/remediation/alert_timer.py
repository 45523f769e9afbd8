"""The `alert_timer` function, which follows up on incidents: its schedule and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.functions.schedule import MINUTE, ScheduledRun
from infra.remediation.permissions import allow_remediation
from lambdas.alerting.adapters.check_schedule import CHECK_ITEM
from lambdas.handlers.bootstrap.function_settings import TimerSettings
from lambdas.incidents.adapters.incident_table import DUE_INDEX

if TYPE_CHECKING:
    from infra.alerting.topics import AlertChannels
    from infra.resources import StackResources
    from infra.rotation.fail_over import FailOver
    from infra.rotation.rotation_roles import RotationRoles

TIMEOUT = Duration.seconds(40)  # less than the 45 seconds for which a worker claims an incident


class AlertTimer(Construct):
    """A due incident stays due until it is processed, so the next run does the work of a lost or failed one.
    Runs are therefore neither retried nor sent to the dead-letter queue.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        fail_over: FailOver,
        roles: RotationRoles,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "AlertTimer",
            resources=resources,
            description="Follows up on incidents of rejected access keys when they are due",
            handler_module="alert_timer",
            timeout=TIMEOUT,
            settings=resources.settings(
                TimerSettings,
                fail_over_function_name=fail_over.function.function_name,
                retirement_role_name=roles.retire_keys.role_name,
            ),
        )
        allow_remediation(self.function, fail_over, own_leases=[CHECK_ITEM])
        self.function.allow(["dynamodb:Query"], on=resources.storage.incident_table.index_arn(DUE_INDEX))
        # Records which exemptions have been reported as ended.
        self.function.allow(["dynamodb:UpdateItem"], on=resources.storage.exemption_table.table_arn)
        self._allow_checking_subscriptions(resources.channels)
        ScheduledRun(
            self, "EveryMinute", function=self.function, every=MINUTE, description="Starts the alert timer"
        )

    def _allow_checking_subscriptions(self, channels: AlertChannels) -> None:
        topics = [channels.alert_topic.topic_arn, channels.operations_topic.topic_arn]
        self.function.allow(["sns:ListSubscriptionsByTopic"], on=topics)
        self.function.allow(["ssm:GetParameter"], on=channels.deployed_subscriptions.parameter_arn)
        self.function.allow(["sns:Publish"], on=channels.operations_topic.topic_arn)
        channels.operations_topic.senders.add_role(self.function.execution_role)
