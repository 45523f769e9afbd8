"""What IAM's policy simulator answers, and how it is read; the answers are IAM's documented ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.aws.domain.iam import IamUser
from lambdas.aws.domain.times import iso
from lambdas.errors import TransientError
from lambdas.rotation.adapters.policy_simulator import IamPolicySimulator
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.aws.adapters.clients import Clients

SECRET = "access-keys/alice"
ALICE = IamUser(name="alice", user_id="AIDAALICE", path="/apps/", created_at=NOON, tags={})


def result(decision: str, *missing: str, of_secret: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {
        "EvalActionName": "secretsmanager:GetSecretValue",
        "EvalDecision": decision,
        "MissingContextValues": list(missing),
    }
    if of_secret:
        specific = {"EvalResourceName": "arn", "EvalResourceDecision": of_secret}
        found["ResourceSpecificResults"] = [specific]
    return found


@pytest.fixture
def secret_arn(clients: Clients) -> str:
    return clients.secrets.create_secret(Name=SECRET, SecretString="{}")["ARN"]


@pytest.fixture
def simulator(clients: Clients) -> Iterator[Stubber]:
    with Stubber(clients.iam) as stub:
        yield stub


@pytest.fixture
def readers(clients: Clients) -> IamPolicySimulator:
    users = "arn:aws:iam::123456789012:user"
    return IamPolicySimulator(clients, users_arn=users, clock=lambda: NOON)


@pytest.mark.parametrize(
    ("results", "may"),
    [
        ([result("implicitDeny")], False),
        ([result("explicitDeny", of_secret="explicitDeny")], False),
        ([result("allowed")], True),
        ([result("implicitDeny", of_secret="allowed")], True),
        ([result("implicitDeny"), result("allowed")], True),
        ([result("implicitDeny", "aws:SourceVpce")], True),
        ([result("unheardOf")], True),
        ([], True),
    ],
)
def test_only_a_denial_without_missing_context_counts(
    readers: IamPolicySimulator,
    simulator: Stubber,
    secret_arn: str,
    results: list[dict[str, Any]],
    *,
    may: bool,
) -> None:
    asked = {
        "PolicySourceArn": "arn:aws:iam::123456789012:user/apps/alice",
        "ActionNames": ["secretsmanager:GetSecretValue"],
        "ResourceArns": [secret_arn],
        "ContextEntries": [],
    }
    simulator.add_response("simulate_principal_policy", {"EvaluationResults": results}, asked)
    assert readers.may_read(SECRET, ALICE) is may


def test_a_later_page_that_allows_counts(
    readers: IamPolicySimulator, simulator: Stubber, secret_arn: str
) -> None:
    first = {"EvaluationResults": [result("implicitDeny")], "IsTruncated": True, "Marker": "more"}
    assert secret_arn
    simulator.add_response("simulate_principal_policy", first)
    simulator.add_response("simulate_principal_policy", {"EvaluationResults": [result("allowed")]})
    assert readers.may_read(SECRET, ALICE)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchEntity", "PolicyEvaluation", "Throttling"])
def test_an_error_is_no_answer(
    readers: IamPolicySimulator, simulator: Stubber, secret_arn: str, code: str
) -> None:
    assert secret_arn
    simulator.add_client_error("simulate_principal_policy", code)
    with pytest.raises(TransientError, match="iam:SimulatePrincipalPolicy"):
        readers.may_read(SECRET, ALICE)


def test_the_replicas_of_a_secret_are_asked_about_too(
    readers: IamPolicySimulator, clients: Clients, simulator: Stubber, secret_arn: str
) -> None:
    regions = ("eu-central-1", "us-west-2")
    replicated = {
        "ARN": secret_arn,
        "ReplicationStatus": [{"Region": region, "Status": "InSync"} for region in regions],
    }
    asked = {
        "PolicySourceArn": "arn:aws:iam::123456789012:user/apps/alice",
        "ActionNames": ["secretsmanager:GetSecretValue"],
        "ResourceArns": [secret_arn, *(secret_arn.replace("us-east-1", region) for region in regions)],
        "ContextEntries": [],
    }
    answers = [result("implicitDeny"), result("allowed"), result("implicitDeny")]
    simulator.add_response("simulate_principal_policy", {"EvaluationResults": answers}, asked)
    with Stubber(clients.secrets) as secrets:
        secrets.add_response("describe_secret", replicated)
        assert readers.may_read(SECRET, ALICE)


def test_a_session_is_asked_about_by_the_time_of_its_creation(
    readers: IamPolicySimulator, simulator: Stubber, secret_arn: str
) -> None:
    created = {
        "ContextKeyName": "aws:TokenIssueTime",
        "ContextKeyType": "date",
        "ContextKeyValues": [iso(NOON)],
    }
    asked = {
        "PolicySourceArn": "arn:aws:iam::123456789012:user/apps/alice",
        "ActionNames": ["secretsmanager:GetSecretValue"],
        "ResourceArns": [secret_arn],
        "ContextEntries": [created],
    }
    denied = {"EvaluationResults": [result("explicitDeny")]}
    simulator.add_response("simulate_principal_policy", denied, asked)
    assert not readers.may_session_read(SECRET, ALICE)
