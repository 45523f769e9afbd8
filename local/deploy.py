"""`make deploy`: the CDK CLI against the AWS account of the caller's credentials."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cdk import CLI_HOME, ROOT, stack_environments

NO_SUCH_STACK = "ValidationError"
CDK = str(CLI_HOME / "node_modules/.bin/cdk")


def main() -> int:
    """Does not bootstrap a region that is bootstrapped already: it may be customised."""
    with TemporaryDirectory() as assembly:
        if code := run("synth", "--quiet", "--output", assembly):
            return code
        try:
            missing = [it for it in stack_environments(Path(assembly)) if not is_bootstrapped(it)]
        except (BotoCoreError, ClientError) as error:
            print(f"The AWS account cannot be reached: {error}", file=sys.stderr)
            return 1
        if missing and (code := run("bootstrap", *missing)):
            return code
        return run("deploy", "--all", "--app", assembly)


def run(*command: str) -> int:
    return subprocess.run([CDK, *command, "--no-notices"], cwd=ROOT, check=False).returncode  # noqa: S603 - ours


def is_bootstrapped(environment: str) -> bool:
    """`environment` is `aws://<account>/<region>`."""
    region: str | None = environment.rpartition("/")[2]
    if region == "unknown-region":
        region = None  # of the caller's configuration
    try:
        boto3.client("cloudformation", region_name=region).describe_stacks(StackName="CDKToolkit")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != NO_SUCH_STACK:
            raise
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
