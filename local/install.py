"""Installs the command line tools that are not Python libraries of this project: the CDK CLI and the AWS CLI.

The AWS CLI pins a botocore of its own, so it has a virtual environment of its own.
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
INSTALL_SECONDS: Final = 600


def main() -> None:
    install_cli()
    install_aws_cli()


def install_aws_cli() -> None:
    """Installs the AWS CLI, with which tests run the commands of the alerts as printed."""
    if (AWS_CLI_HOME / "bin" / "aws").exists():
        return
    venv.create(AWS_CLI_HOME, with_pip=True)
    pip = [str(AWS_CLI_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run(  # noqa: S603 - our own command
        [*pip, "--disable-pip-version-check", AWS_CLI], check=True, timeout=INSTALL_SECONDS
    )


if __name__ == "__main__":
    main()
