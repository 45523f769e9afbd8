"""A rotation that Secrets Manager does not start is never reported as started."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.errors import PermanentError, TransientError
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.ports import BlockedError

SECRET, TOKEN, OTHER = "access-keys/alice", "our-token", "another-token"
IN_PROGRESS = "A previous rotation isn't complete. That rotation will be reattempted."


def starter(labels: dict[str, list[str]], message: str = IN_PROGRESS) -> SecretsManager:
    def rotate_secret(**_: str) -> None:
        error: Any = {"Error": {"Code": "InvalidRequestException", "Message": message}}
        raise ClientError(error, "RotateSecret")

    def describe_secret(**_: str) -> dict[str, Any]:
        arn = f"arn:aws:secretsmanager:eu-central-1:111122223333:secret:{SECRET}-AbCdEf"
        return {"Name": SECRET, "ARN": arn, "VersionIdsToStages": labels}

    client = SimpleNamespace(rotate_secret=rotate_secret, describe_secret=describe_secret)
    clients: Any = SimpleNamespace(secrets=client)
    return SecretsManager(clients)


def test_a_rotation_of_the_same_token_that_is_under_way_is_started() -> None:
    starter({"first": ["AWSCURRENT"], TOKEN: ["AWSPENDING"]}).start(SECRET, TOKEN)


def test_a_label_that_another_rotation_has_left_blocks_it() -> None:
    with pytest.raises(BlockedError) as blocked:
        starter({"first": ["AWSCURRENT"], OTHER: ["AWSPENDING"]}).start(SECRET, TOKEN)
    assert blocked.value.version == OTHER


def test_a_rotation_that_has_ended_meanwhile_was_none_of_this_token() -> None:
    with pytest.raises(TransientError):
        starter({"first": ["AWSCURRENT"]}).start(SECRET, TOKEN)


def test_what_is_refused_for_another_reason_is_not_started() -> None:
    with pytest.raises(PermanentError, match="InvalidRequestException"):
        starter({}, "You must configure rotation first.").start(SECRET, TOKEN)
