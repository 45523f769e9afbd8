"""Makes moto's IAM answer as AWS does where the cost depends on it."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import IAMException, NotFoundException
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moto.iam.models import AccessKey, User

_USERS_A_PAGE = 100  # what IAM returns unless asked for more (IAM API, ListUsers, MaxItems)

# Like most keys, those of the measurements are older than an hour: younger ones are counted for their owner.
_AGE = timedelta(hours=2)

_get_access_key_last_used = IamResponse.get_access_key_last_used
_create_access_key = IAMBackend.create_access_key


def fill_the_gaps() -> None:
    warnings.filterwarnings("ignore", "Exception.*AccessDenied does not match", UserWarning)  # moto's models
    IamResponse.list_users = _list_users_by_the_page  # type: ignore[method-assign]
    IamResponse.get_account_authorization_details = _detail_users_by_the_page  # type: ignore[method-assign]
    IamResponse.get_access_key_last_used = _deny_unknown_keys  # type: ignore[method-assign]
    IAMBackend.get_access_key_last_used = _find_key  # type: ignore[method-assign]
    IAMBackend.create_access_key = _create_old_key  # type: ignore[method-assign]


def _list_users_by_the_page(self: IamResponse) -> ActionResult:
    """Pages users: moto 5.2.5 returns all of them at once, which would make a listing look cheap."""
    users = self.backend.list_users(self._get_param("PathPrefix"), None, None)
    return _page(self, "Users", users)


def _detail_users_by_the_page(self: IamResponse) -> ActionResult:
    """Pages the details of users too, with their tags as on AWS. Supports only the filter for users."""
    if self._get_param("Filter", []) != ["User"]:
        raise NotImplementedError("details of something else than users")
    return _page(self, "UserDetailList", self.backend.users.values())


def _page(request: IamResponse, name: str, users: Iterable[User]) -> ActionResult:
    all_users = list(users)
    start = int(request._get_param("Marker", "0"))  # noqa: SLF001 -- as moto's own responses do
    end = start + int(request._get_param("MaxItems", _USERS_A_PAGE))  # noqa: SLF001
    more = {"IsTruncated": True, "Marker": str(end)} if end < len(all_users) else {"IsTruncated": False}
    return ActionResult({name: all_users[start:end], **more})


def _deny_unknown_keys(self: IamResponse) -> ActionResult:
    """AWS is reported to deny the look-up of a key that is not there (aws-facts 4.4), which could also
    mean a missing permission and so costs more to clear up than the NoSuchEntity of moto.
    """
    try:
        return _get_access_key_last_used(self)
    except NotFoundException as error:
        raise IAMException("AccessDenied", "User is not authorized: iam:GetAccessKeyLastUsed") from error


def _find_key(self: IAMBackend, access_key_id: str) -> dict[str, Any]:
    """By moto's own index: it walks through the keys of all users, which no time measured should include."""
    key = self.access_keys.get(access_key_id)
    if key is None:
        raise NotFoundException(f"The Access Key with id {access_key_id} cannot be found")
    return {"user_name": key.user_name, "last_used": key.last_used}


def _create_old_key(
    self: IAMBackend, user_name: str, prefix: str = "AKIA", status: str = "Active"
) -> AccessKey:
    key = _create_access_key(self, user_name, prefix, status)
    key.create_date -= _AGE
    return key
