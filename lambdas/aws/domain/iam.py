"""Users, access keys and calls as IAM and CloudTrail describe them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


ACTIVE = "Active"


@dataclass(frozen=True, kw_only=True)
class ListedKey:
    """A key as IAM lists it. `status` is IAM's own word: Active, Inactive or Expired (aws-facts 4.6)."""

    access_key_id: str
    status: str
    created_at: datetime

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE


@dataclass(frozen=True, kw_only=True)
class LastUse:
    """The last request that the key signed, to a quarter of an hour (IAM, GetAccessKeyLastUsed)."""

    at: datetime
    service: str
    region: str


@dataclass(frozen=True, kw_only=True)
class KeyChange:
    """One successful CreateAccessKey, UpdateAccessKey or DeleteAccessKey, from the ledger or CloudTrail's
    history. `status` is what an UpdateAccessKey set, else empty; `user_name` is empty for the root user,
    `by` where a listing told the creation.
    """

    event_name: str
    at: datetime
    by: str
    user_name: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Good calls that one caller made with a key, of one service in one region, by CloudTrail's history."""

    caller: Caller
    service: str
    region: str
    calls: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class Issue:
    """The call that issued a temporary credential, from CloudTrail's history. `to` is the role or the
    user that the credential stands for, in `account`; `still_there` is False when IAM says that it is gone.
    """

    event_name: str
    at: datetime
    by: str
    to: str
    account: str
    still_there: bool = True


@dataclass(frozen=True, kw_only=True)
class IamUser:
    """A user as IAM describes it, with all of its tags."""

    name: str
    user_id: str
    path: str
    created_at: datetime
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Where a failed call came from. Both texts are the caller's own words, so hostile until proven."""

    source: str
    user_agent: str


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """IAM names a user for the key; the key itself may be gone all the same."""

    user_name: str
    last_use: LastUse | None


@dataclass(frozen=True)
class Unresolved:
    """IAM names nobody; it may do so with AccessDenied, the answer it also gives to a caller without
    the permission (aws-facts 4.4).
    """


ROOT = "(root user)"  # no IAM user can have such a name (IAM API reference, CreateUser, UserName)
