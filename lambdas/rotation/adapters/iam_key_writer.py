"""Creates, activates, deactivates and deletes a user's keys in IAM."""

from __future__ import annotations

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from lambdas.aws.adapters.client_errors import aws_errors, error_code
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.adapters.iam import IamReader, unless_missing
from lambdas.errors import TransientError
from lambdas.rotation.domain.creation_agent import creation_agent
from lambdas.rotation.domain.managed_secret import NewKey
from lambdas.rotation.ports import CreationDeniedError, KeyQuotaError

_CREATE = "iam:CreateAccessKey"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
# As AWS's messages name them (IAM user guide, "Troubleshoot access denied error messages").
_POLICY_KINDS = (
    "service control policy",
    "resource control policy",
    "permissions boundary",
    "session policy",
    "identity-based policy",
)
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
        no_more = KeyQuotaError(f"{_CREATE}: another key was created in the meantime")
        with aws_errors(_CREATE, known=dict.fromkeys(_NO_MORE_KEYS, no_more)):
            try:
                key = client.create_access_key(UserName=user_name)["AccessKey"]
            except ResponseParserError:  # its text contains the answer, which contains the secret
                raise TransientError(f"{_CREATE}: the response cannot be read") from None
            except ClientError as error:
                if error_code(error) in _DENIED:
                    raise CreationDeniedError(f"{_CREATE}: AccessDenied{_denied_by(error)}") from None
                raise
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


def _denied_by(error: ClientError) -> str:
    """The kind of policy, as far as the message names it."""
    message = error.response.get("Error", {}).get("Message", "")
    kind = next((kind for kind in _POLICY_KINDS if kind in message), "")
    return f" by a {kind}" if "explicit deny" in message and kind else ""
