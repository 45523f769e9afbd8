"""`make destroy`: `cdk destroy --all`, once no managed secret refers to the deployment's function."""

from __future__ import annotations

import sys

import boto3

from local import leftovers
from local.account import find_account, is_confirmed, reporting_errors
from local.cdk import MAIN_STACK
from local.deploy import run
from local.main_stack import find_outputs
from local.managed_secrets import find_rotated, find_states


def main() -> int:
    account, outputs = find_account(), find_outputs()
    print(f"Remove {MAIN_STACK}, and its stacks in other regions, from {account}.")
    # A deployment that failed half-way has no outputs, and has never rotated anything.
    if outputs and (secrets := find_rotated(outputs, find_states(outputs))):
        names = [it.name for it in secrets]
        print("Run `make release` first. These secrets are still rotated:", *names, sep="\n  ")
        return 1
    print("The ledger, the incidents, the exemptions, their KMS key and all managed secrets are kept.")
    if not is_confirmed(account):
        return 1
    code = run("destroy", "--all", "--force")
    if report := leftovers.find(boto3.Session(), main=account.region, deployed=()).report():
        print(report, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
