"""An exemption: an operator's instruction to send no alert for certain failures until a given time.

Its name is `<scope>:<value>`. All its texts are stored as written, so they may be hostile.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.diagnosis.domain.cause import Cause
from lambdas.text import is_user_name

_STORED_KEY = re.compile(r"sha256:[0-9a-f]{64}|none:[ -~]{1,1000}")
_PATH = re.compile(r"/[!-~]{1,510}/")  # IAM API reference, CreateUser, Path; `/` alone would match every user
_ACCOUNT = re.compile(r"[0-9]{12}")
_VPC_ENDPOINT = re.compile(r"vpce-[0-9a-f]{8,17}")  # EC2 API reference, VpcEndpoint
_MIN_PREFIX_LENGTHS = {4: 8, 6: 16}  # by the version of IP


class Scope(StrEnum):
    KEY = "key"
    USER = "user"
    PATH = "path"
    ACCOUNT = "account"
    CAUSE = "cause"
    NETWORK = "network"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A text is empty, and `expires` None, where none was written that can be read."""

    name: str
    reason: str
    author: str
    expires: datetime | None
    vpc_endpoint: str = ""  # of a network: calls through this endpoint, and no others

    @property
    def scope(self) -> Scope | None:
        scope = self.name.partition(":")[0]
        return Scope(scope) if scope in set(Scope) else None

    @property
    def value(self) -> str:
        return self.name.partition(":")[2]

    @property
    def violation(self) -> str:
        """Why the exemption can never be in force, as a clause. Empty if it is valid."""
        if self.scope is None:
            return f"its scope is not one of {', '.join(Scope)}"
        if violation := _VALIDATORS[self.scope](self.value):
            return violation
        if self.vpc_endpoint and self.scope is not Scope.NETWORK:
            return "only an exemption of a network may have a vpcEndpoint"
        if self.vpc_endpoint and not _VPC_ENDPOINT.fullmatch(self.vpc_endpoint):
            return "its vpcEndpoint is not the id of a VPC endpoint, such as vpce-0a1b2c3d4e5f60718"
        required = {"reason": self.reason.strip(), "author": self.author.strip(), "expires": self.expires}
        missing = (
            f"its attribute {name} is missing or unreadable" for name in required if not required[name]
        )
        return next(missing, "")

    def is_in_force(self, now: datetime) -> bool:
        return not self.violation and self.expires is not None and now < self.expires


def network_of(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """None if the text is no network, has bits set after the prefix, or has an IPv6 zone (any text)."""
    try:
        return None if "%" in value else ipaddress.ip_network(value)
    except ValueError:
        return None


def _check_key(value: str) -> str:
    known = looks_like_an_id(value) or _STORED_KEY.fullmatch(value)
    return "" if known else "it is neither an access key id nor the key of an incident"


def _check_user(value: str) -> str:
    return "" if is_user_name(value) else "it is not a valid user name"


def _check_path(value: str) -> str:
    return "" if _PATH.fullmatch(value) else "it is not a path between two slashes, such as /ci/"


def _check_account(value: str) -> str:
    return "" if _ACCOUNT.fullmatch(value) else "an account id has 12 digits"


def _check_cause(value: str) -> str:
    if value == Cause.QUARANTINED_KEY:
        return "alerts about a quarantined key cannot be suppressed"
    return "" if value in set(Cause) else "there is no such cause"


def _check_network(value: str) -> str:
    network = network_of(value)
    if network is None:
        return "it is not a network such as 203.0.113.0/24 or 2001:db8::/32"
    shortest = _MIN_PREFIX_LENGTHS[network.version]
    return "" if network.prefixlen >= shortest else f"a network wider than /{shortest} is too wide"


_VALIDATORS: dict[Scope, Callable[[str], str]] = {
    Scope.KEY: _check_key,
    Scope.USER: _check_user,
    Scope.PATH: _check_path,
    Scope.ACCOUNT: _check_account,
    Scope.CAUSE: _check_cause,
    Scope.NETWORK: _check_network,
}
