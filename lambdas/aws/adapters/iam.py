"""IAM: whose a key is, and what state it is in. Owners are found by key, never by listing users."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.aws.domain.iam import IamUser, LastUse, ListedKey, Resolved, Unresolved
from lambdas.aws.iam_event_parser import clean_tags
from lambdas.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import GetAccessKeyLastUsedResponseTypeDef, UserDetailTypeDef, UserTypeDef

    from lambdas.aws.adapters.probe_key import ProbeKey

_USERS_SEARCHED_FOR_A_WITNESS = 200
_NO_SUCH_ENTITY = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
# IAM user guide, AWS managed policies, AWSCompromisedKeyQuarantineV3.
QUARANTINE_PREFIX = "AWSCompromisedKeyQuarantine"

T = TypeVar("T")


class BotoKeys:
    def __init__(self, client: Callable[[], IAMClient]) -> None:
        self._client = client

    def look_up(self, access_key_id: str) -> Resolved | Unresolved:
        with aws_errors("iam:GetAccessKeyLastUsed"):
            try:
                answer = self._client().get_access_key_last_used(AccessKeyId=access_key_id)
            except ClientError as error:
                if error_code(error) not in _NO_SUCH_ENTITY | _ACCESS_DENIED:
                    raise
                return Unresolved()
        user_name = answer.get("UserName")
        if not user_name:  # what IAM answers for the root user's key is not documented
            return Unresolved()
        return Resolved(user_name=user_name, last_use=_last_use(answer))

    def keys_of(self, user_name: str) -> tuple[ListedKey, ...] | None:
        return unless_missing("iam:ListAccessKeys", lambda: tuple(self._listed_keys(user_name)))

    def describe(self, user_name: str) -> IamUser | None:
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


class BotoIam(BotoKeys):
    """`witnesses` remembers one key that resolved, by which to see that look-ups work."""

    def __init__(self, client: Callable[[], IAMClient], witnesses: ProbeKey) -> None:
        super().__init__(client)
        self._witnesses = witnesses

    def quarantine_policy_of(self, user_name: str) -> str:
        return quarantine_policy(self._client(), user_name)

    def holder_exists(self, holder: str) -> bool:
        kind, name = holder.split("/", 1)[0], holder.rsplit("/", 1)[-1]
        if kind == "user":
            return self.describe(name) is not None
        return kind != "role" or self._role_exists(name)

    def confirm_lookup_works(self, candidates: Collection[str]) -> str:
        for candidate in candidates:
            if self._resolves(candidate):
                return candidate
        recalled = self._witnesses.recall()
        return recalled if self._resolves(recalled) else self._found_witness()

    def check_lookup_works(self) -> None:
        if self._witnesses.recall():
            self.confirm_lookup_works([])

    def _found_witness(self) -> str:
        witness = self._search_for_a_key()
        if witness and not self._resolves(witness):
            raise TransientError("iam:GetAccessKeyLastUsed does not resolve a key that exists")
        self._witnesses.remember(witness)
        return witness

    def _resolves(self, access_key_id: str) -> bool:
        return bool(access_key_id) and isinstance(self.look_up(access_key_id), Resolved)

    def _role_exists(self, name: str) -> bool:
        answer = unless_missing("iam:GetRole", lambda: self._client().get_role(RoleName=name))
        return answer is not None

    def _search_for_a_key(self) -> str:
        """Some key of some user; empty if a complete listing says that no user has one, which is
        itself proof that no key of this account is meant.
        """
        for searched, user_name in enumerate(self._user_names()):
            if searched == _USERS_SEARCHED_FOR_A_WITNESS:
                raise TransientError(
                    f"none of {searched} users has a key by which to see that iam:GetAccessKeyLastUsed works"
                )
            for key in self.keys_of(user_name) or ():
                return key.access_key_id
        return ""

    def _user_names(self) -> Iterator[str]:
        with aws_errors("iam:ListUsers"):
            for page in self._client().get_paginator("list_users").paginate():
                yield from (user["UserName"] for user in page["Users"])


def quarantine_policy(client: IAMClient, user_name: str) -> str:
    """Its name; empty where none is attached. Raises TransientError when that cannot be read."""
    read = unless_missing("iam:ListAttachedUserPolicies", lambda: tuple(_attached(client, user_name)))
    return next((name for name in read or () if name.startswith(QUARANTINE_PREFIX)), "")


def _attached(client: IAMClient, user_name: str) -> Iterator[str]:
    for page in client.get_paginator("list_attached_user_policies").paginate(UserName=user_name):
        yield from (policy["PolicyName"] for policy in page["AttachedPolicies"])


def listed_user_of(user: UserTypeDef | UserDetailTypeDef) -> IamUser:
    return IamUser(
        name=user["UserName"],
        user_id=user["UserId"],
        path=user["Path"],
        created_at=user["CreateDate"].astimezone(UTC),
        tags=clean_tags((tag["Key"], tag["Value"]) for tag in user.get("Tags", [])),
    )


def unless_missing(doing: str, read: Callable[[], T]) -> T | None:
    """None when IAM says that there is no such user or role; any other error is translated."""
    with aws_errors(doing):
        try:
            return read()
        except ClientError as error:
            if error_code(error) not in _NO_SUCH_ENTITY:
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
