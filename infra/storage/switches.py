"""What operators turn without a deployment: whether anything is changed at all, and the stage's mode."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from lambdas.rotation.domain.modes import Mode


class Switches(Construct):
    """A deployment leaves alone what was turned by hand, unless it changes anything of that parameter, its
    description included: then CloudFormation writes the value of the template again.
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
            # Parameter Store refuses what is misspelt, before anybody relies on it.
            allowed_pattern=f"^({'|'.join(values)})$",
        )
