"""StopReplicationToReplica, which makes a replica a secret of its own.

AWS documents that it is called in the replica's region, that the primary secret then has no replica there
(API reference), and that rotation can be turned on for the promoted secret (user guide, "Promote a replica
secret"): it has none yet. The emulator does not know the operation, and copies the rotation to the replica.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import secretsmanager

from local.emulator.secret_requests import RefusedError, Request, SecretRecord, answering

OF_A_REPLICA: Final = ("_PrimarySecretArn", "_PrimaryRegion", "RotationLambdaARN", "RotationRules")


def fill() -> None:
    handle = secretsmanager.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".StopReplicationToReplica"):
            return answering(promote)(json.loads(body))
        return await handle(method, path, headers, body, query)

    secretsmanager.handle_request = handle_request


def promote(secret: SecretRecord, _request: Request) -> dict[str, Any]:
    if not secretsmanager._is_replica(secret):
        raise RefusedError("InvalidRequestException", "The secret is not a replica.")
    secretsmanager._unlink_from_primary(secret)
    for name in OF_A_REPLICA:
        secret.pop(name, None)
    secret["RotationEnabled"] = False
    return {}
