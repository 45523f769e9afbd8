"""Breaks keys of the test user, which has one key at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from bench.history import ACCOUNT, KeyEvent
from lambdas.domain.cause import Cause
from local.aws.key_ids import key_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True, kw_only=True)
class BrokenKey:
    access_key_id: str
    history: tuple[KeyEvent, ...] = ()


class KeyBreaker:
    """In a session of its own, so that the function under test finds nothing warmed up."""

    def __init__(self, user_name: str) -> None:
        self._iam: IAMClient = boto3.Session().client("iam")
        self._user_name = user_name

    def break_key(self, cause: Cause) -> BrokenKey:
        if cause is Cause.UNKNOWN_KEY:
            return BrokenKey(access_key_id=key_id("AKIA", ACCOUNT))
        self._delete_what_is_left()
        created = self._create()
        broken = self._delete(created) if cause is Cause.KEY_DELETED else self._deactivate(created)
        return BrokenKey(access_key_id=created.access_key_id, history=(created, broken))

    def _delete_what_is_left(self) -> None:
        for key in self._iam.list_access_keys(UserName=self._user_name)["AccessKeyMetadata"]:
            self._iam.delete_access_key(UserName=self._user_name, AccessKeyId=key["AccessKeyId"])

    def _create(self) -> KeyEvent:
        key = self._iam.create_access_key(UserName=self._user_name)["AccessKey"]
        created = {
            "userName": key["UserName"],
            "accessKeyId": key["AccessKeyId"],
            "status": key["Status"],
            "createDate": f"{key['CreateDate']:%b %d, %Y %I:%M:%S %p}",
        }
        return self._event("CreateAccessKey", key["AccessKeyId"], {}, {"accessKey": created})

    def _deactivate(self, created: KeyEvent) -> KeyEvent:
        key = created.access_key_id
        self._iam.update_access_key(UserName=self._user_name, AccessKeyId=key, Status="Inactive")
        return self._event("UpdateAccessKey", key, {"accessKeyId": key, "status": "Inactive"})

    def _delete(self, created: KeyEvent) -> KeyEvent:
        key = created.access_key_id
        self._iam.delete_access_key(UserName=self._user_name, AccessKeyId=key)
        return self._event("DeleteAccessKey", key, {"accessKeyId": key})

    def _event(
        self,
        name: str,
        access_key_id: str,
        request: Mapping[str, str],
        response: Mapping[str, object] | None = None,
    ) -> KeyEvent:
        return KeyEvent(
            name=name,
            access_key_id=access_key_id,
            request={"userName": self._user_name, **request},
            response=response,
            at=datetime.now(UTC),
        )
