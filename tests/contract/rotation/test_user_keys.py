from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSResponse

from lambdas.errors import TransientError
from lambdas.rotation.adapters.iam_key_writer import IamKeyWriter
from lambdas.rotation.domain.creation_agent import creation_agent
from lambdas.rotation.ports import CreationDeniedError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from lambdas.aws.adapters.clients import Clients

SECRET = "access-keys/alice"
CUT = b"<CreateAccessKeyResponse><SecretAccessKey>very-secret</SecretAccessKey><Cre"


class CutAnswer(AWSResponse):
    @property
    def content(self) -> bytes:
        return CUT


def test_an_unreadable_answer_reveals_no_secret(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    client = clients.iam_once("")
    monkeypatch.setattr(clients, "iam_once", lambda _agent: client)
    client.meta.events.register(
        "before-send.iam.CreateAccessKey",
        lambda **_: CutAnswer("https://iam.amazonaws.com", 200, {}, None),  # type: ignore[arg-type] # a hook may answer
    )
    keys = IamKeyWriter(clients)
    with pytest.raises(TransientError) as refused:
        keys.create("alice", SECRET)
    shown = f"{refused.value!r} {refused.value.__cause__!r}"
    assert "very-secret" not in shown


def test_a_key_that_another_run_created_meanwhile_is_no_refusal(clients: Clients) -> None:
    clients.iam.create_user(UserName="alice")
    keys = IamKeyWriter(clients)
    made = {keys.create("alice", SECRET).access_key_id, keys.create("alice", SECRET).access_key_id}
    with pytest.raises(TransientError, match="another key was created in the meantime"):
        keys.create("alice", SECRET)
    assert {key.access_key_id for key in keys.list_keys("alice") or ()} == made


def test_cloudtrail_is_shown_for_which_secret_a_key_was_created(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients.iam.create_user(UserName="alice")
    agents: list[str] = []
    new_client = clients.iam_once

    def watched(agent: str) -> IAMClient:
        client = new_client(agent)
        client.meta.events.register_first(  # before moto answers
            "before-send.iam.CreateAccessKey",
            lambda request, **_: agents.append(request.headers["User-Agent"].decode()),
        )
        return client

    monkeypatch.setattr(clients, "iam_once", watched)
    secrets = (SECRET, "access-keys/other")
    for secret in secrets:
        IamKeyWriter(clients).create("alice", secret)
    shown = [[secret for secret in secrets if creation_agent(secret) in agent.split()] for agent in agents]
    assert shown == [[secret] for secret in secrets]


NOT_AUTHORIZED = (
    "User: arn:aws:sts::111122223333:assumed-role/rotate/f is not authorized to perform:"
    " iam:CreateAccessKey on resource: user alice "
)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("with an explicit deny in a service control policy", " by a service control policy"),
        ("because no identity-based policy allows the iam:CreateAccessKey action", ""),
    ],
)
def test_a_denied_creation_says_so_and_which_policy_denies_it(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, why: str, text: str
) -> None:
    client = clients.iam_once("")
    monkeypatch.setattr(clients, "iam_once", lambda _agent: client)
    error = f"<Code>AccessDenied</Code><Message>{NOT_AUTHORIZED}{why}</Message>"
    body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"

    class Denied(AWSResponse):
        @property
        def content(self) -> bytes:
            return body.encode()

    client.meta.events.register(
        "before-send.iam.CreateAccessKey",
        lambda **_: Denied("https://iam.amazonaws.com", 403, {}, None),  # type: ignore[arg-type] # a hook may answer
    )
    with pytest.raises(CreationDeniedError) as denied:
        IamKeyWriter(clients).create("alice", SECRET)
    assert str(denied.value) == f"iam:CreateAccessKey: AccessDenied{text}"
