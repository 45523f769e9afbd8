"""Creates and breaks a user's keys by IAM calls, with the records that CloudTrail would have of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from bench.moto.history import KeyEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import AccessKeyTypeDef


class KeyOwner:
    """Uses a session of its own, so that the function under test starts without cached clients."""

    def __init__(self, name: str) -> None:
        self._iam: IAMClient = boto3.Session().client("iam")
        self._name = name

    def another(self) -> KeyOwner:
        """Creates another user."""
        name = f"{self._name}-{uuid.uuid4().hex[:8]}"
        self._iam.create_user(UserName=name)
        return KeyOwner(name)

    def leave(self) -> KeyEvent:
        self._iam.delete_user(UserName=self._name)
        return self._event("DeleteUser", "", {})

    def delete_what_is_left(self) -> None:
        for key in self._iam.list_access_keys(UserName=self._name)["AccessKeyMetadata"]:
            self._iam.delete_access_key(UserName=self._name, AccessKeyId=key["AccessKeyId"])

    def create_key(self) -> KeyEvent:
        return self._created(self._iam.create_access_key(UserName=self._name)["AccessKey"])

    def create_key_in_use(self) -> KeyEvent:
        """Also calls AWS with the key, so that IAM has a last use."""
        key = self._iam.create_access_key(UserName=self._name)["AccessKey"]
        boto3.Session(key["AccessKeyId"], key["SecretAccessKey"]).client("sts").get_caller_identity()
        return self._created(key)

    def deactivate(self, created: KeyEvent) -> KeyEvent:
        key = created.access_key_id
        self._iam.update_access_key(UserName=self._name, AccessKeyId=key, Status="Inactive")
        return self._event("UpdateAccessKey", key, {"accessKeyId": key, "status": "Inactive"})

    def delete(self, created: KeyEvent) -> KeyEvent:
        key = created.access_key_id
        self._iam.delete_access_key(UserName=self._name, AccessKeyId=key)
        return self._event("DeleteAccessKey", key, {"accessKeyId": key})

    def _created(self, key: AccessKeyTypeDef) -> KeyEvent:
        created = {
            "userName": key["UserName"],
            "accessKeyId": key["AccessKeyId"],
            "status": key["Status"],
            "createDate": f"{key['CreateDate']:%b %d, %Y %I:%M:%S %p}",
        }
        event = self._event("CreateAccessKey", key["AccessKeyId"], {}, {"accessKey": created})
        return replace(event, at=key["CreateDate"])

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
            request={"userName": self._name, **request},
            response=response,
            at=datetime.now(UTC),
        )
