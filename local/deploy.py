"""`make deploy`: the CDK CLI against the AWS account of the caller's credentials."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from local import leftovers
from local.account import find_account, is_confirmed, reporting_errors
from local.cdk import CLI_HOME, MAIN_STACK, ROOT, stack_environments

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_SUCH_STACK = "ValidationError"
CDK = str(CLI_HOME / "node_modules/.bin/cdk")


def main() -> int:
    """Does not bootstrap a region that is bootstrapped already: it may be customised."""
    account = find_account()
    print(f"Deploying {MAIN_STACK} to {account}.", flush=True)
    os.environ["AWS_REGION"] = account.region  # or the CDK would choose one by its own rules
    if account.endpoint:
        print(
            "`make up` deploys to a local AWS. To deploy to AWS, unset AWS_ENDPOINT_URL and its credentials."
        )
        if not is_confirmed(account):
            return 1
    with TemporaryDirectory() as assembly:
        if code := run("synth", "--quiet", "--output", assembly):
            return code
        environments = stack_environments(Path(assembly))
        missing = [it for it in sorted({*environments.values()}) if not is_bootstrapped(it)]
        if missing and (code := run("bootstrap", *missing)):
            return code
        code = run("deploy", "--all", "--app", assembly)
    if not code:
        report_leftovers(environments)
    return code


def report_leftovers(environments: Mapping[str, str]) -> None:
    session = boto3.Session()
    main = region_of(environments[MAIN_STACK]) or session.region_name
    if report := leftovers.find(session, main=main, deployed=environments).report():
        print(report, file=sys.stderr)


def run(*command: str) -> int:
    return subprocess.run([CDK, *command, "--no-notices"], cwd=ROOT, check=False).returncode  # noqa: S603 - ours


def is_bootstrapped(environment: str) -> bool:
    """`environment` is `aws://<account>/<region>`."""
    try:
        cloudformation = boto3.client("cloudformation", region_name=region_of(environment))
        cloudformation.describe_stacks(StackName="CDKToolkit")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != NO_SUCH_STACK:
            raise
        return False
    return True


def region_of(environment: str) -> str | None:
    """None stands for the region of the caller's configuration."""
    region = environment.rpartition("/")[2]
    return None if region == "unknown-region" else region


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
