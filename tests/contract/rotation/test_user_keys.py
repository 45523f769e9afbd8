from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSResponse

from lambdas.errors import TransientError
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

CUT = b"<CreateAccessKeyResponse><SecretAccessKey>very-secret</SecretAccessKey><Cre"


class CutAnswer(AWSResponse):
    @property
    def content(self) -> bytes:
        return CUT


def test_an_unreadable_answer_reveals_no_secret(clients: Clients) -> None:
    clients.iam_once.meta.events.register(
        "before-send.iam.CreateAccessKey",
        lambda **_: CutAnswer("https://iam.amazonaws.com", 200, {}, None),  # type: ignore[arg-type] # a hook may answer
    )
    keys = IamKeyWriter(clients)
    with pytest.raises(TransientError) as refused:
        keys.create("alice")
    shown = f"{refused.value!r} {refused.value.__cause__!r}"
    assert "very-secret" not in shown


def test_a_key_that_another_run_created_meanwhile_is_no_refusal(clients: Clients) -> None:
    clients.iam.create_user(UserName="alice")
    keys = IamKeyWriter(clients)
    made = {keys.create("alice").access_key_id, keys.create("alice").access_key_id}
    with pytest.raises(TransientError, match="another key was created in the meantime"):
        keys.create("alice")
    assert {key.access_key_id for key in keys.list_keys("alice") or ()} == made
