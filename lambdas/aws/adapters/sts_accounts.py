"""Asks STS for the account of an access key id, also for old ids that do not encode it."""

from __future__ import annotations

from botocore.exceptions import ClientError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.aws.adapters.clients import Clients
from lambdas.errors import TransientError

# Reported for ids that STS does not know (aws-facts 4.3); the last two also for a missing permission.
_UNKNOWN_ID = frozenset({"InvalidClientTokenId", "ValidationError", "AccessDenied", "AccessDeniedException"})


class StsAccounts:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def find_account(self, access_key_id: str, probe_key: str) -> str:
        with aws_errors("sts:GetAccessKeyInfo"):
            account = self._ask(access_key_id)
            if not account and not self._ask(probe_key):
                raise TransientError("sts:GetAccessKeyInfo does not answer for a key that exists")
        return account

    def _ask(self, access_key_id: str) -> str:
        try:
            return self._clients.sts.get_access_key_info(AccessKeyId=access_key_id)["Account"]
        except ClientError as error:
            if error_code(error) not in _UNKNOWN_ID:
                raise
            return ""
