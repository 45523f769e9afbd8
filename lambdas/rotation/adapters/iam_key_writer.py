"""Creates, activates, deactivates and deletes a user's keys in IAM."""

from __future__ import annotations

from botocore.parsers import ResponseParserError

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.iam import IamReader, unless_missing
from lambdas.errors import TransientError
from lambdas.rotation.domain.creation_agent import creation_agent
from lambdas.rotation.domain.managed_secret import NewKey

_NO_MORE_KEYS = frozenset({"LimitExceeded", "LimitExceededException"})


class IamKeyWriter(IamReader):
    """Creates a key without retries: if the SDK repeated a CreateAccessKey whose answer was lost, IAM would
    create a second key.
    """

    def __init__(self, clients: Clients) -> None:
        super().__init__(lambda: clients.iam)
        self._clients = clients

    def create(self, user_name: str, secret_name: str) -> NewKey:
        client = self._clients.iam_once(creation_agent(secret_name))
        just_created = TransientError("iam:CreateAccessKey: another key was created in the meantime")
        with aws_errors("iam:CreateAccessKey", known=dict.fromkeys(_NO_MORE_KEYS, just_created)):
            try:
                key = client.create_access_key(UserName=user_name)["AccessKey"]
            except ResponseParserError:  # its text contains the answer, which contains the secret
                raise TransientError("iam:CreateAccessKey: the response cannot be read") from None
        return NewKey(access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])

    def delete(self, user_name: str, access_key_id: str) -> None:
        unless_missing(
            "iam:DeleteAccessKey",
            lambda: self._client().delete_access_key(UserName=user_name, AccessKeyId=access_key_id),
        )

    def switch(self, user_name: str, access_key_id: str, *, on: bool) -> None:
        with aws_errors("iam:UpdateAccessKey"):
            self._client().update_access_key(
                UserName=user_name, AccessKeyId=access_key_id, Status="Active" if on else "Inactive"
            )
