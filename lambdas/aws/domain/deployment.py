"""The account and partition of the deployment, with IAM's home region and the console's address there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdas.aws.domain.principals import acted_as, is_automation

_IAM_HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
CONSOLES = tuple(_CONSOLES.values())
PARTITIONS = tuple(_IAM_HOME_REGIONS)


class UnknownPartitionError(Exception):
    """Nobody has checked how AWS behaves in this partition: a guess would read the wrong region's records."""

    def __init__(self, partition: str) -> None:
        super().__init__(f"partition {partition} is not supported; only {', '.join(PARTITIONS)} are")


def iam_home_region(partition: str) -> str:
    """Raises UnknownPartitionError."""
    if partition not in _IAM_HOME_REGIONS:
        raise UnknownPartitionError(partition)
    return _IAM_HOME_REGIONS[partition]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    account: str
    partition: str
    known_accounts: Mapping[str, str] = field(default_factory=dict)  # names by account id
    organization_accounts: frozenset[str] = frozenset()  # empty if not configured
    contact_domains: frozenset[str] = frozenset()  # domains accepted in an owner's contact tag
    region: str = ""  # of the remediator and of the managed secrets
    incident_table: str = ""
    automations: tuple[str, ...] = ()  # beginnings of principals that are no persons
    retirement_role: str = ""  # the name of the role that deactivates replaced keys
    runbook_url: str = ""  # the address of the documentation's pages, ends with a slash; empty for none

    @property
    def iam_region(self) -> str:
        """The region where CloudTrail records IAM's calls (aws-facts 2, global services)."""
        return iam_home_region(self.partition)

    @property
    def console(self) -> str:
        if self.partition not in _CONSOLES:
            raise UnknownPartitionError(self.partition)
        return _CONSOLES[self.partition]

    def is_program(self, actor: str) -> bool:
        """The function that retires keys, or a listed automation."""
        is_own = bool(self.retirement_role) and acted_as(actor, self.retirement_role)
        return is_own or is_automation(actor, self.automations)

    def account_label(self, account: str) -> str:
        """`123456789012 (production)` if the account has a configured name, else the id alone."""
        name = self.known_accounts.get(account)
        return f"{account} ({name})" if name else account
