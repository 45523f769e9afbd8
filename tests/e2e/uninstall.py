"""An administrator who follows docs/uninstall.md in a copy of the project, and the users that it is about."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.cdk import ROOT
from local.deployment import Deployment
from local.inbox import Inbox
from tests.docs.pages import DOCS, sections
from tests.e2e.denial import wait_until
from tests.e2e.test_make import NOT_COPIED

if TYPE_CHECKING:
    from local.demo.enrolment import EnrolledUser
    from local.emulator.process import LocalAws

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGE = sections(DOCS / "uninstall.md")
COMMANDS = {title: BLOCK.findall(text) for title, text in PAGE.items()}
MAIN, NEW, THIRD = "eu-central-1", "eu-west-1", "ap-southeast-2"
COMMAND_SECONDS = 600
NODE = f"{Path(sys.prefix) / 'bin'}:{os.defpath}"
ROTATION = {"graceSeconds": 1, "quietSeconds": 1, "deletionSeconds": 1, "hourlyBudget": 1000}


@dataclass
class Administrator:
    """Follows the page in a copy of the project."""

    aws: LocalAws
    project: Path
    aws_cli: Path

    def run(self, title: str, block: int = 0, **environment: str) -> str:
        return self.run_text(COMMANDS[title][block], **environment)

    def run_text(self, command: str, **environment: str) -> str:
        ended = self._ended(command, environment)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def refused(self, command: str) -> str:
        ended = self._ended(command, {})
        assert ended.returncode != 0, ended.stdout
        return ended.stdout

    def _ended(self, command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Types the account id if a command asks for it. A deployment asks only because this AWS is local.
        `-e`, because each command must succeed.
        """
        if "make deploy" in command:
            environment = {"CONFIRM": self.aws.account, **environment}
        return subprocess.run(  # noqa: S603 -- to run what the page says is the test
            ["/bin/sh", "-ec", command],
            env=self.environment() | environment,
            input=f"{self.aws.account}\n",
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        return self.aws.environment() | {
            "AWS_REGION": self.aws.region,
            "NODE_EXTRA_CA_CERTS": str(self.aws.ca_bundle),
            "CDK_REQUIRE_APPROVAL": "never",  # which a person is asked for
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(self.project.parent),
            "PATH": f"{self.aws_cli}:{os.defpath}",
        }

    def cdk(self, command: str) -> None:
        """The CDK needs the node of the virtual environment, which is first in a developer's PATH."""
        self.run_text(f".venv/cdk/node_modules/.bin/cdk {command}", PATH=NODE)

    def deployment(self) -> Deployment:
        [stack] = self.client("cloudformation").describe_stacks(StackName="AccessKeyRemediator")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        inbox = Inbox.open(self.aws.session(), "nobody")
        return Deployment(self.aws, {}, outputs, inbox, inbox)

    def client(self, service: str) -> Any:
        session: Any = self.aws.session()
        return session.client(service)

    def invoke(self, output: str) -> None:
        """As the function's schedule does, sooner or later."""
        name = self.deployment().outputs[output]
        assert "FunctionError" not in self.client("lambda").invoke(FunctionName=name, Payload=b"{}")


def copy_of_the_project(project: Path) -> Path:
    """With an environment that is ready, so that no target installs anything."""
    shutil.copytree(ROOT, project, ignore=NOT_COPIED)
    (project / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != "ready":
            (project / ".venv" / part.name).symlink_to(part)
    (project / ".venv" / "ready").touch()
    cdk = json.loads((project / "cdk.json").read_text())
    cdk["context"]["access-key-remediator"] |= {"mode": "auto", "regions": [THIRD], "rotation": ROTATION}
    (project / "cdk.json").write_text(json.dumps(cdk))
    return project


def described(it: EnrolledUser) -> dict[str, Any]:
    answer: dict[str, Any] = it.secrets.describe_secret(SecretId=it.secret)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def in_present_deployment(administrator: Administrator, users: list[EnrolledUser]) -> list[EnrolledUser]:
    """The users as they are now: their key is the one in the secret."""
    present = [replace(it, deployment=administrator.deployment()) for it in users]
    return [replace(it, application=it.current()) for it in present]


def assert_adopted_and_rotating(administrator: Administrator, users: list[EnrolledUser]) -> None:
    administrator.invoke("SyncKeysFunctionName")
    for it in in_present_deployment(administrator, users):
        await_adoption(it)
        it.rotate()
        assert it.await_rotation()
        assert it.current().call("sts", "get_caller_identity") == ""


def await_adoption(it: EnrolledUser) -> None:
    own = it.deployment.outputs["RotationFunctionArn"]
    assert wait_until(lambda: described(it).get("RotationLambdaARN") == own)  # a copy has none at first
    it.await_no_pending_version()


def assert_replaced_keys_are_retired(administrator: Administrator, users: list[EnrolledUser]) -> None:
    """Which needs the adopted ledger: it alone knows that a key was replaced."""

    def are_retired() -> bool:
        assert_keys_work(users)  # a replaced key is needed until its successor is used
        administrator.invoke("RetireKeysFunctionName")
        return all(len(it.keys()) == 1 for it in users)

    assert wait_until(are_retired)


def assert_keys_work(users: list[EnrolledUser]) -> None:
    assert [it.current().call("sts", "get_caller_identity") for it in users] == [""] * len(users)


def retained(administrator: Administrator) -> dict[str, str]:
    outputs = administrator.deployment().outputs
    names = ("ManagedSecretKeyArn", "LedgerTableName", "IncidentTableName", "ExemptionTableName")
    return {name: outputs[name] for name in names}


def has_stack(administrator: Administrator, region: str) -> bool:
    session: Any = administrator.aws.session(region=region)
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    return any(stack["StackName"].startswith("AccessKeyRemediator") for stack in stacks)
