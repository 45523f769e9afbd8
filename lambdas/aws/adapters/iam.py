"""Reads users, keys and roles of the account from IAM. A key's owner is found by the key's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.aws.adapters.client_errors import aws_errors, unless_refused
from lambdas.aws.domain.iam import IamUser, LastUse, ListedKey, Resolved, Unresolved
from lambdas.aws.domain.iam_events import QUARANTINE_PREFIX

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import GetAccessKeyLastUsedResponseTypeDef, UserDetailTypeDef, UserTypeDef

_NO_SUCH_ENTITY = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_USERS_PER_PAGE = 100  # whose keys are then listed one by one: some ten seconds at IAM's request rate

T = TypeVar("T")


class IamReader:
    def __init__(self, client: Callable[[], IAMClient]) -> None:
        self._client = client

    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        answer = unless_refused(
            "iam:GetAccessKeyLastUsed",
            _NO_SUCH_ENTITY | _ACCESS_DENIED,
            lambda: self._client().get_access_key_last_used(AccessKeyId=access_key_id),
        )
        if not answer or not answer.get("UserName"):  # the answer for the root user's key is not documented
            return Unresolved()
        return Resolved(user_name=answer["UserName"], last_use=_last_use(answer))

    def list_keys(self, user_name: str) -> tuple[ListedKey, ...] | None:
        def read() -> tuple[ListedKey, ...]:
            pages = self._client().get_paginator("list_access_keys").paginate(UserName=user_name)
            return tuple(
                ListedKey(
                    access_key_id=key["AccessKeyId"],
                    status=key["Status"],
                    created_at=key["CreateDate"].astimezone(UTC),
                )
                for page in pages
                for key in page["AccessKeyMetadata"]
            )

        return unless_missing("iam:ListAccessKeys", read)

    def describe(self, user_name: str) -> IamUser | None:
        answer = unless_missing("iam:GetUser", lambda: self._client().get_user(UserName=user_name))
        return _iam_user(answer["User"]) if answer else None

    def quarantine_policy(self, user_name: str) -> str:
        def read() -> tuple[str, ...]:
            pages = self._client().get_paginator("list_attached_user_policies").paginate(UserName=user_name)
            return tuple(policy["PolicyName"] for page in pages for policy in page["AttachedPolicies"])

        attached = unless_missing("iam:ListAttachedUserPolicies", read)
        return next((name for name in attached or () if name.startswith(QUARANTINE_PREFIX)), "")

    def principal_exists(self, principal: str) -> bool:
        kind, name = principal.split("/", 1)[0], principal.rsplit("/", 1)[-1]
        if kind == "user":
            return self.describe(name) is not None
        if kind == "role":
            role = unless_missing("iam:GetRole", lambda: self._client().get_role(RoleName=name))
            return role is not None
        return True

    def user_names(self) -> Iterator[str]:
        with aws_errors("iam:ListUsers"):
            for page in self._client().get_paginator("list_users").paginate():
                yield from (user["UserName"] for user in page["Users"])

    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        """With their tags, which ListUsers leaves out (aws-facts 4.6)."""
        position: dict[str, Any] = {"Marker": marker} if marker else {}
        with aws_errors("iam:GetAccountAuthorizationDetails"):
            page = self._client().get_account_authorization_details(
                Filter=["User"], MaxItems=_USERS_PER_PAGE, **position
            )
        return tuple(map(_iam_user, page["UserDetailList"])), page["Marker"] if page["IsTruncated"] else ""


def unless_missing(operation: str, call: Callable[[], T]) -> T | None:
    """None if IAM answers that there is no such user, key or role. Raises as aws_errors for other errors."""
    return unless_refused(operation, _NO_SUCH_ENTITY, call)


def _iam_user(user: UserTypeDef | UserDetailTypeDef) -> IamUser:
    return IamUser(
        name=user["UserName"],
        user_id=user["UserId"],
        path=user["Path"],
        created_at=user["CreateDate"].astimezone(UTC),
        tags={tag["Key"]: tag["Value"] for tag in user.get("Tags", [])},
    )


def _last_use(answer: GetAccessKeyLastUsedResponseTypeDef) -> LastUse | None:
    """None for a key that was never used: IAM then sends no date, and `N/A` for the rest."""
    used = answer["AccessKeyLastUsed"]
    if "LastUsedDate" not in used:
        return None
    return LastUse(
        at=used["LastUsedDate"].astimezone(UTC), service=used["ServiceName"], region=used["Region"]
    )
