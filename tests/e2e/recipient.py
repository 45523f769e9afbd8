"""The recipient of an alert, who copies its commands and runs them in a shell."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from local.emulator.settings import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.application import Application
    from local.deployment import Deployment
    from local.emulator.process import LocalAws
    from local.inbox import Received


class Shell:
    """An administrator's shell, with its own AWS configuration."""

    def __init__(self, deployment: Deployment, home: Path, aws_cli: Path) -> None:
        self.home = home
        write_configuration(home, deployment.aws)
        self.environment = deployment.aws.environment() | {
            "PATH": f"{aws_cli}:{os.defpath}",
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, commands: list[str], typed: str = "", **environment: str) -> str:
        """`-e`, because the recipient sees each command fail, not the last alone."""
        ended = subprocess.run(  # noqa: S603 -- to run what the alert says is the test
            ["/bin/sh", "-ec", "\n".join(commands)],
            env=self.environment | environment,
            input=typed,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def keep_in_profile(self, application: Application) -> None:
        """In the default one, which serves where the environment has no key."""
        for name, value in (
            ("aws_access_key_id", application.access_key_id),
            ("aws_secret_access_key", application.secret_access_key),
        ):
            self.run([f"aws configure set {name} {value}"])


def write_configuration(home: Path, aws: LocalAws) -> None:
    """What a remedy needs that runs without the environment."""
    lines = (
        "[default]",
        f"endpoint_url = {aws.endpoint_url}",
        f"ca_bundle = {aws.ca_bundle}",
        f"region = {REGION}",
    )
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("\n".join(lines) + "\n")


def typed_pair(application: Application) -> str:
    """What the recipient types where a remedy asks for the right id and secret."""
    return f"{application.access_key_id} {application.secret_access_key}\n"


def environment_of(application: Application) -> dict[str, str]:
    """What the application's machine has in its environment."""
    token = {"AWS_SESSION_TOKEN": application.session_token} if application.session_token else {}
    return {
        "AWS_ACCESS_KEY_ID": application.access_key_id,
        "AWS_SECRET_ACCESS_KEY": application.secret_access_key,
        **token,
    }


def remedies_in(alert: Received) -> list[list[str]]:
    """The commands of an alert, remedy by remedy, without the # before the commands of a choice."""
    section = alert.body.split("WHAT TO RUN\n")[1].split("\n\n")[0]
    remedies: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("    "):
            remedies[-1].append(line.strip().removeprefix("# "))
        else:
            remedies.append([])
    return [commands for commands in remedies if commands]
