"""Users, access keys and calls as IAM and CloudTrail describe them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

ACTIVE = "Active"
REPORTED = "report"  # no address, so neither an exemption nor the retirement of a key goes by a report
KEYS_ALLOWED = 2  # for each user (IAM and STS quotas, "Access keys assigned to an IAM user")


@dataclass(frozen=True, kw_only=True)
class ListedKey:
    """A key as IAM lists it."""

    access_key_id: str
    status: str  # Active, Inactive or Expired (aws-facts 4.6)
    created_at: datetime

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE


def find_key(access_key_id: str, listed: Iterable[ListedKey] | None) -> ListedKey | None:
    """`listed` is None if the user does not exist."""
    return next((key for key in listed or () if key.access_key_id == access_key_id), None)


@dataclass(frozen=True, kw_only=True)
class LastUse:
    """A key's last request, accurate to 15 minutes (IAM API reference, GetAccessKeyLastUsed).

    It need not have succeeded: AWS says that the key was "used to sign a request", and counts denied attempts
    as access elsewhere (IAM user guide, last accessed information).
    """

    at: datetime
    service: str
    region: str


@dataclass(frozen=True, kw_only=True)
class KeyChange:
    """A successful CreateAccessKey, UpdateAccessKey or DeleteAccessKey, from the ledger or CloudTrail."""

    event_name: str
    at: datetime
    by: str  # empty if the creation is known from a listing
    user_name: str  # empty for the root user
    status: str = ""  # set by an UpdateAccessKey
    user_agent: str = ""  # of the call, from CloudTrail: untrusted, unless the caller is known
    source: str = ""  # likewise


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Calls of one caller that AWS authenticated by a key, to one service in one region, from CloudTrail's
    history. Some may have been denied.
    """

    caller: Caller
    service: str
    region: str
    calls: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class Issue:
    """The call that issued a temporary key, from CloudTrail's history."""

    event_name: str
    at: datetime
    by: str
    to: str  # the role or user that the key acts as
    account: str  # of that role or user
    still_there: bool = True  # False if IAM says that the role or user was deleted


@dataclass(frozen=True, kw_only=True)
class IamUser:
    """A user as IAM describes it, with all of its tags, which may contain anything, even a secret."""

    name: str
    user_id: str
    path: str
    created_at: datetime
    tags: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Where a call came from. The user agent is untrusted: the caller chose it. So is the source of a call
    that came through a VPC endpoint: who owns the VPC chooses its addresses. A program that reports its own
    call has the source REPORTED, and as user agent what it says of itself.
    """

    source: str
    user_agent: str
    vpc_endpoint: str = ""  # empty for a call that came through none

    @property
    def is_reporter(self) -> bool:
        return self.source == REPORTED


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """IAM names a user for the key. The key itself may have been deleted."""

    user_name: str
    last_use: LastUse | None


@dataclass(frozen=True)
class Unresolved:
    """IAM names no user. It may say so by AccessDenied, as it does to a caller without the permission
    (aws-facts 4.4).
    """


ROOT = "(root user)"  # no IAM user can have such a name (IAM API reference, CreateUser, UserName)
