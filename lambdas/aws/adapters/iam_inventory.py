"""All users of the account with their tags, page by page. ListUsers leaves the tags out (aws-facts 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.iam import listed_user_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_iam import IAMClient

    from lambdas.aws.domain.iam import IamUser

_PAGE = 100  # users whose keys are then listed one by one: some ten seconds of IAM's request rate


class IamInventory:
    def __init__(self, client: Callable[[], IAMClient]) -> None:
        self._client = client

    def users(self, marker: str) -> tuple[tuple[IamUser, ...], str]:
        position: dict[str, Any] = {"Marker": marker} if marker else {}
        with aws_errors("iam:GetAccountAuthorizationDetails"):
            page = self._client().get_account_authorization_details(
                Filter=["User"], MaxItems=_PAGE, **position
            )
        users = tuple(map(listed_user_of, page["UserDetailList"]))
        return users, page["Marker"] if page["IsTruncated"] else ""
