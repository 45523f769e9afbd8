"""The parameters that operators change without a deployment: the kill switch and the mode."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from lambdas.rotation.domain.modes import Mode


class Switches(Construct):
    """A deployment keeps a value that was changed by hand, unless it changes any property of the parameter.
    Then CloudFormation resets the value to that of the template, so the descriptions stay as they are.
    """

    def __init__(self, scope: Construct, construct_id: str, *, mode: Mode) -> None:
        super().__init__(scope, construct_id)
        self.kill_switch = self._parameter(
            "KillSwitch",
            "kill-switch",
            value="off",
            values=["on", "off"],
            description="on stops every change",
        )
        self.mode = self._parameter(
            "Mode", "mode", value=mode, values=[*Mode], description="how far it may go"
        )

    def _parameter(
        self, construct_id: str, name: str, *, value: str, values: list[str], description: str
    ) -> StringParameter:
        return StringParameter(
            self,
            construct_id,
            parameter_name=f"/access-key-remediator/{Stack.of(self).stack_name}/{name}",
            description=f"Access Key Remediator: {description}",
            string_value=value,
            # Parameter Store rejects a misspelt value at once.
            allowed_pattern=f"^({'|'.join(values)})$",
        )
