"""Installs the command line tools that are not Python libraries of this project: the CDK CLI, the AWS CLI and
checkov.

The AWS CLI pins a botocore of its own, and checkov a boto3 and much else, so each has a virtual environment
of its own. checkov is installed by the test that runs it, because only that test needs it.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from local.cdk import install_cli

AWS_CLI: Final = "awscli==1.46.2"
AWS_CLI_HOME: Final = Path(sys.prefix) / "awscli"
CHECKOV: Final = "checkov==3.3.30"
CHECKOV_HOME: Final = Path(sys.prefix) / CHECKOV.replace("==", "-")
CHECKOV_CONSTRAINTS: Final = Path(__file__).with_name("checkov-constraints.txt")
INSTALL_SECONDS: Final = 600


def main() -> None:
    install_cli()
    install_aws_cli()


def install_aws_cli() -> None:
    """Installs the AWS CLI, with which tests run the commands of the alerts as printed."""
    _install(AWS_CLI_HOME, "aws", AWS_CLI)


def install_checkov() -> Path:
    """Returns its command."""
    return _install(CHECKOV_HOME, "checkov", CHECKOV, "-c", str(CHECKOV_CONSTRAINTS))


def _install(home: Path, command: str, *requirement: str) -> Path:
    installed = home / "bin" / command
    if not installed.exists():
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run(  # noqa: S603 - our own command
            [*pip, "--disable-pip-version-check", *requirement], check=True, timeout=INSTALL_SECONDS
        )
    return installed


if __name__ == "__main__":
    main()
