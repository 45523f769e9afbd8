"""Where the remediator lives, and what follows from it: IAM's home region, the console's address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_IAM_HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
CONSOLES = tuple(_CONSOLES.values())


def iam_region_of(partition: str) -> str:
    return _IAM_HOME_REGIONS.get(partition, _IAM_HOME_REGIONS["aws"])


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """`known_accounts` are names that the deployer gave to account ids; `organization_accounts` are the
    organisation's, empty where that was not configured; `contact_domains` are those whose addresses an
    owner may name as its contact.
    """

    account: str
    partition: str
    known_accounts: Mapping[str, str] = field(default_factory=dict)
    organization_accounts: frozenset[str] = frozenset()
    contact_domains: frozenset[str] = frozenset()

    @property
    def iam_region(self) -> str:
        """The region whose CloudTrail has the records of IAM (aws-facts 2, global services)."""
        return iam_region_of(self.partition)

    @property
    def console(self) -> str:
        return _CONSOLES.get(self.partition, _CONSOLES["aws"])

    def account_label(self, account: str) -> str:
        """`123456789012 (production)` where the deployer named it, else the bare id."""
        name = self.known_accounts.get(account)
        return f"{account} ({name})" if name else account
