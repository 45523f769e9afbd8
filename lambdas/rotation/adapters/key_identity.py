"""Asks AWS which user a new key belongs to, with the key itself, which needs no permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import unless_refused
from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, SIGNATURE_CODES
from lambdas.rotation.domain.managed_secret import NewKey

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

# While not every endpoint knows the key, or its secret (aws-facts 5, eventual consistency).
_NOT_YET_KNOWN = KEY_FAILURE_CODES | SIGNATURE_CODES


class StsKeyIdentity:
    def __init__(self, client_with: Callable[[str, str], STSClient]) -> None:
        self._client_with = client_with

    def user_id_of(self, key: NewKey) -> str:
        answer = unless_refused(
            "sts:GetCallerIdentity",
            _NOT_YET_KNOWN,
            lambda: self._client_with(key.access_key_id, key.secret_access_key).get_caller_identity(),
        )
        return answer["UserId"] if answer else ""
