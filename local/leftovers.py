"""Finds regional stacks that forward to a deployment but are not among its stacks any more.

CDK deletes no stack that is missing from the app: of a region taken out of the configuration, or with the
name that an earlier version gave it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import boto3

# Of infra/regional_stack.py, in every version so far.
DESCRIPTION = re.compile(r"Access Key Remediator: forwards signals from (\S+) to (\S+)")


@dataclass(frozen=True, kw_only=True, order=True)
class Leftover:
    region: str
    stack: str

    @property
    def deletion(self) -> str:
        return f"aws cloudformation delete-stack --region {self.region} --stack-name {self.stack}"


@dataclass(frozen=True, kw_only=True)
class Findings:
    leftovers: list[Leftover]
    unread: list[str]  # what could not be looked at, with the reason

    def report(self) -> str:
        """Empty if there is nothing to do."""
        lines = [f"{problem}: regional stacks left there are not found." for problem in self.unread]
        if self.leftovers:
            lines.append(
                "These stacks forward signals to this deployment, but are no part of it. Delete them:"
            )
            lines += [f"  {leftover.deletion}" for leftover in self.leftovers]
        return "\n".join(lines)


def find(session: boto3.Session, *, main: str, deployed: Collection[str]) -> Findings:
    """Looks in every region that the account has enabled. `deployed` names the stacks of the assembly."""
    findings = Findings(leftovers=[], unread=[])
    try:
        regions = _enabled_regions(session, main)
    except (BotoCoreError, ClientError) as error:
        findings.unread.append(str(error))
        return findings
    for region in regions:
        try:
            stacks = [*_forwarding_stacks(session, region, main)]
        except (BotoCoreError, ClientError) as error:
            findings.unread.append(f"{region}: {error}")
        else:
            left = (stack for stack in stacks if stack not in deployed)
            findings.leftovers.extend(Leftover(region=region, stack=stack) for stack in left)
    return findings


def forwarding(description: str) -> tuple[str, str] | None:
    """From which region to which, if it is the description of a regional stack."""
    found = DESCRIPTION.fullmatch(description)
    return (found[1], found[2]) if found else None


def _enabled_regions(session: boto3.Session, main: str) -> list[str]:
    answer = session.client("ec2", region_name=main).describe_regions()  # has no pages
    return sorted(region["RegionName"] for region in answer["Regions"])


def _forwarding_stacks(session: boto3.Session, region: str, main: str) -> Iterator[str]:
    pages = session.client("cloudformation", region_name=region).get_paginator("describe_stacks").paginate()
    for page in pages:
        for stack in page["Stacks"]:
            if forwarding(stack.get("Description", "")) == (region, main):
                yield stack["StackName"]
