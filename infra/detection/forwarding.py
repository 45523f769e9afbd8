"""The role by which EventBridge forwards events from another region to the signal bus.

Its name is fixed, because the main stack cannot reference the stack of another region.
"""

from __future__ import annotations

from aws_cdk import Aws


def forwarding_role_name(region: str, main_region: str | None) -> str:
    """With both regions, because IAM knows no regions."""
    return f"AccessKeyRemediator-{region}-to-{main_region}-signals"


def forwarding_role_arn(region: str, main_region: str | None, path: str) -> str:
    name = forwarding_role_name(region, main_region)
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role{path}{name}"
