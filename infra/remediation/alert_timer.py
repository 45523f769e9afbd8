"""The `alert_timer` function: its schedule, and what it alone may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from infra.functions.python_function import PythonFunction
from infra.functions.schedule import MINUTE, ScheduledRun
from infra.remediation.permissions import allow_remediation
from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings
from lambdas.incidents.adapters.incident_table import DUE_INDEX

if TYPE_CHECKING:
    from infra.resources import StackResources
    from infra.rotation.fail_over import FailOver

TIMEOUT = Duration.seconds(40)  # below the 45 seconds for which a worker claims an incident


class AlertTimer(Construct):
    """What is due stays due until it is worked off. So a tick that is lost, or whose run fails, is made up
    for by the next one: it is neither tried again nor kept as a dead letter.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, resources: StackResources, fail_over: FailOver
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "AlertTimer",
            resources=resources,
            description="Looks after the incidents of refused access keys, when the time for it has come",
            handler_module="alert_timer",
            timeout=TIMEOUT,
            settings=resources.settings(
                RemediateSettings, fail_over_function_name=fail_over.function.function_name
            ),
        )
        allow_remediation(self.function, fail_over)
        self.function.allow(["dynamodb:Query"], on=resources.storage.incident_table.index_arn(DUE_INDEX))
        # It notes which exemptions it has reported as ended.
        self.function.allow(["dynamodb:UpdateItem"], on=resources.storage.exemption_table.table_arn)
        ScheduledRun(
            self, "EveryMinute", function=self.function, every=MINUTE, description="Starts the alert timer"
        )
