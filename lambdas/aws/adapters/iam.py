"""IAM: whose a key is, and what state it is in. Owners are found by key, never by listing users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import translated_errors
from lambdas.aws.adapters.iam_keys import BotoKeys, listed_user_of, unless_missing
from lambdas.aws.adapters.quarantine import quarantine_policy
from lambdas.aws.ports import Resolved
from lambdas.diagnosis.domain.evidence import Owner
from lambdas.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mypy_boto3_iam import IAMClient

    from lambdas.aws.adapters.probe_key import WitnessItem

_USERS_SEARCHED_FOR_A_WITNESS = 200


class BotoIam(BotoKeys):
    """`witnesses` remembers one key that resolved, by which to see that look-ups work."""

    def __init__(self, client: Callable[[], IAMClient], witnesses: WitnessItem) -> None:
        super().__init__(client)
        self._witnesses = witnesses

    def owner(self, user_name: str) -> Owner:
        answer = unless_missing("iam:GetUser", lambda: self._client().get_user(UserName=user_name))
        if answer is None:
            return Owner(name=user_name, exists=False)
        described = listed_user_of(answer["User"])
        return Owner(
            name=user_name,
            user_id=described.user_id,
            path=described.path,
            created_at=described.created_at,
            tags=described.tags,
        )

    def quarantine_policy_of(self, user_name: str) -> str:
        return quarantine_policy(self._client(), user_name)

    def holder_exists(self, holder: str) -> bool:
        kind, name = holder.split("/", 1)[0], holder.rsplit("/", 1)[-1]
        if kind == "user":
            return self.owner(name).exists
        return kind != "role" or self._role_exists(name)

    def confirm_look_up_works(self, candidates: Collection[str]) -> str:
        for candidate in candidates:
            if self._resolves(candidate):
                return candidate
        recalled = self._witnesses.recall()
        return recalled if self._resolves(recalled) else self._found_witness()

    def check_witness(self) -> None:
        if self._witnesses.recall():
            self.confirm_look_up_works([])

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
        with translated_errors("iam:ListUsers"):
            for page in self._client().get_paginator("list_users").paginate():
                yield from (user["UserName"] for user in page["Users"])
