"""How the gap fills of Secrets Manager take a request and answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ministack.core.responses import error_response_json, json_response
from ministack.services import secretsmanager

if TYPE_CHECKING:
    from collections.abc import Callable

SecretRecord: TypeAlias = "dict[str, Any]"
Request: TypeAlias = "dict[str, Any]"
Answer: TypeAlias = "tuple[int, dict[str, str], bytes]"


class RefusedError(Exception):
    """Becomes an error of Secrets Manager, all of which have status 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answering(handle: Callable[[SecretRecord, Request], dict[str, Any]]) -> Callable[[Request], Answer]:
    """The handler gets the secret, and adds to an answer that names it."""

    def answer(request: Request) -> Answer:
        try:
            secret = usable(request["SecretId"])
            more = handle(secret, request)
        except RefusedError as refused:
            return refusal(refused)
        secretsmanager._sync_replicas(secret)
        named: Answer = json_response({"ARN": secret["ARN"], "Name": secret["Name"], **more})
        return named

    return answer


def refusal(refused: RefusedError) -> Answer:
    answer: Answer = error_response_json(refused.code, str(refused), 400)
    return answer


def usable(secret_id: str) -> SecretRecord:
    secret: SecretRecord | None = secretsmanager._resolve(secret_id)[1]
    if secret is None:
        raise RefusedError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    if secret.get("DeletedDate"):
        message = "You can't perform this operation on the secret because it was marked for deletion."
        raise RefusedError("InvalidRequestException", message)
    return secret
