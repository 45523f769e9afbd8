"""`make deploy`: the CDK CLI against the AWS account of the caller's credentials."""

from __future__ import annotations

import subprocess
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cdk import CLI_HOME, ROOT

NO_SUCH_STACK = "ValidationError"
CDK = str(CLI_HOME / "node_modules/.bin/cdk")


def main() -> int:
    try:
        steps = [["deploy", "--all"]] if is_bootstrapped() else [["bootstrap"], ["deploy", "--all"]]
    except (BotoCoreError, ClientError) as error:
        print(f"The AWS account cannot be reached: {error}", file=sys.stderr)
        return 1
    for step in steps:
        ended = subprocess.run([CDK, *step, "--no-notices"], cwd=ROOT, check=False)  # noqa: S603 - ours
        if ended.returncode:
            return ended.returncode
    return 0


def is_bootstrapped() -> bool:
    """An account that is bootstrapped already, perhaps in a way of its own, is left as it is."""
    try:
        boto3.client("cloudformation").describe_stacks(StackName="CDKToolkit")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != NO_SUCH_STACK:
            raise
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
