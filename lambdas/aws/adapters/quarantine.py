"""The policy by which AWS marks the user of a key that it found in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.iam_keys import unless_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_iam import IAMClient

# IAM user guide, AWS managed policies, AWSCompromisedKeyQuarantineV3.
QUARANTINE_PREFIX = "AWSCompromisedKeyQuarantine"


def quarantine_policy(client: IAMClient, user_name: str) -> str:
    """Its name; empty where none is attached. Raises TransientError when that cannot be read."""
    read = unless_missing("iam:ListAttachedUserPolicies", lambda: tuple(_attached(client, user_name)))
    return next((name for name in read or () if name.startswith(QUARANTINE_PREFIX)), "")


def _attached(client: IAMClient, user_name: str) -> Iterator[str]:
    for page in client.get_paginator("list_attached_user_policies").paginate(UserName=user_name):
        yield from (policy["PolicyName"] for policy in page["AttachedPolicies"])
