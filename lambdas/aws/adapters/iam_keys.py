"""IAM's users and their keys: whose a key is, when it was last used, and what a user has."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import code_of, translated_errors
from lambdas.aws.iam_event_parser import clean_tags
from lambdas.aws.ports import Resolved, Unresolved
from lambdas.diagnosis.domain.evidence import LastUse, ListedKey
from lambdas.ledger.domain.iam_listing import ListedUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import (
        GetAccessKeyLastUsedResponseTypeDef,
        UserDetailTypeDef,
        UserTypeDef,
    )

_NO_SUCH_ENTITY = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})

T = TypeVar("T")


class BotoKeys:
    def __init__(self, client: Callable[[], IAMClient]) -> None:
        self._client = client

    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        with translated_errors("iam:GetAccessKeyLastUsed"):
            try:
                answer = self._client().get_access_key_last_used(AccessKeyId=access_key_id)
            except ClientError as error:
                if code_of(error) not in _NO_SUCH_ENTITY | _ACCESS_DENIED:
                    raise
                return Unresolved()
        user_name = answer.get("UserName")
        if not user_name:  # what IAM answers for the root user's key is not documented
            return Unresolved()
        return Resolved(user_name=user_name, last_use=_last_use(answer))

    def keys_of(self, user_name: str) -> tuple[ListedKey, ...] | None:
        return unless_missing("iam:ListAccessKeys", lambda: tuple(self._listed_keys(user_name)))

    def describe(self, user_name: str) -> ListedUser | None:
        answer = unless_missing("iam:GetUser", lambda: self._client().get_user(UserName=user_name))
        return listed_user_of(answer["User"]) if answer else None

    def _listed_keys(self, user_name: str) -> Iterator[ListedKey]:
        for page in self._client().get_paginator("list_access_keys").paginate(UserName=user_name):
            for key in page["AccessKeyMetadata"]:
                yield ListedKey(
                    access_key_id=key["AccessKeyId"],
                    status=key["Status"],
                    created_at=key["CreateDate"].astimezone(UTC),
                )


def listed_user_of(user: UserTypeDef | UserDetailTypeDef) -> ListedUser:
    return ListedUser(
        name=user["UserName"],
        user_id=user["UserId"],
        path=user["Path"],
        created_at=user["CreateDate"].astimezone(UTC),
        tags=clean_tags((tag["Key"], tag["Value"]) for tag in user.get("Tags", [])),
    )


def unless_missing(doing: str, read: Callable[[], T]) -> T | None:
    """None when IAM says that there is no such user or role; any other error is translated."""
    with translated_errors(doing):
        try:
            return read()
        except ClientError as error:
            if code_of(error) not in _NO_SUCH_ENTITY:
                raise
            return None


def _last_use(answer: GetAccessKeyLastUsedResponseTypeDef) -> LastUse | None:
    """None for a key never used: IAM then sends no date and `N/A` for the rest."""
    used = answer["AccessKeyLastUsed"]
    if "LastUsedDate" not in used:
        return None
    return LastUse(
        at=used["LastUsedDate"].astimezone(UTC), service=used["ServiceName"], region=used["Region"]
    )
