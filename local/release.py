"""`make release`: ends the rotation of all managed secrets, before the deployment is removed.

Secrets Manager would otherwise go on invoking a function that no longer exists. No key and no value changes.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import boto3

from local.account import find_account, is_confirmed, reporting_errors
from local.cdk import MAIN_STACK
from local.main_stack import find_outputs
from local.managed_secrets import active_replaced_keys, find_rotated, find_states

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.domain.secret_description import SecretDescription


def main() -> int:
    account, outputs = find_account(), find_outputs()
    print(f"Release the managed secrets of {MAIN_STACK} in {account}.")
    if not outputs:
        print("There is no such deployment in this account and region.")
        return 1
    states = find_states(outputs)
    secrets = find_rotated(outputs, states)
    report(secrets, states)
    if os.environ.get("DRY_RUN"):
        print("DRY_RUN: nothing was changed.")
        return 0
    return release(outputs, secrets, states) if is_confirmed(account) else 1


def report(secrets: Sequence[SecretDescription], states: list[RotationState]) -> None:
    names = [it.name for it in secrets] or ["none"]
    print("The kill switch is turned on, and rotation ends for these secrets:", *names, sep="\n  ")
    if active := active_replaced_keys(states):
        print("These keys stay active, because nothing retires them any more:", *active, sep="\n  ")
    print("No access key and no value of a secret is changed.")


def release(
    outputs: Mapping[str, str], secrets: Sequence[SecretDescription], states: list[RotationState]
) -> int:
    """The kill switch is first: the next sync would turn the rotation of a user with `auto` on again."""
    switch = outputs["KillSwitchParameter"]
    boto3.client("ssm").put_parameter(Name=switch, Value="on", Overwrite=True)
    for secret in secrets:
        if not secret.is_rotating:
            boto3.client("secretsmanager").cancel_rotate_secret(SecretId=secret.name)
    if left := find_rotated(outputs, states):
        names = [it.name for it in left]
        print("A rotation is under way. Run `make release` again after it has ended:", *names, sep="\n  ")
        return 1
    print("Released. `make destroy` removes the deployment.")
    return 0


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
