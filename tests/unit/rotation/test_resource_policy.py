"""Which resource policies of a secret are known to keep its own user out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.rotation.domain.resource_policy import may_grant_read

ACCOUNT = "arn:aws:iam::123456789012"


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowed(**principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", **principal}


HARMLESS = [
    "",
    policy(),
    policy(allowed(Principal={"AWS": f"{ACCOUNT}:role/app"})),
    policy(allowed(Principal={"AWS": [f"{ACCOUNT}:role/a/b", f"{ACCOUNT}:user/bob"]})),
    policy(allowed(Principal={"AWS": "arn:aws:sts::123456789012:assumed-role/app/session"})),
    policy(allowed(Principal={"Service": "lambda.amazonaws.com"})),
    policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
    json.dumps({"Statement": allowed(Principal={"AWS": f"{ACCOUNT}:role/app"})}),
]
LETTING_IN = [
    "no policy",
    "[]",
    "{}",
    policy("no statement"),
    policy(allowed()),
    policy(allowed(Principal="*")),
    policy(allowed(Principal={})),
    policy(allowed(Principal={"AWS": "*"})),
    policy(allowed(Principal={"AWS": "123456789012"})),
    policy(allowed(Principal={"AWS": f"{ACCOUNT}:root"})),
    policy(allowed(Principal={"AWS": f"{ACCOUNT}:user/alice"})),
    policy(allowed(Principal={"AWS": f"{ACCOUNT}:user/team/Alice"})),
    policy(allowed(Principal={"AWS": [f"{ACCOUNT}:role/app", f"{ACCOUNT}:user/alice"]})),
    policy(allowed(Principal={"AWS": "AIDAEXAMPLE"})),
    policy(allowed(Principal={"AWS": 5})),
    policy(allowed(Principal={"Federated": "cognito-identity.amazonaws.com"})),
    policy(allowed(NotPrincipal={"AWS": f"{ACCOUNT}:user/bob"})),
    policy(allowed(Principal={"AWS": f"{ACCOUNT}:role/app"}), allowed(Principal="*")),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_roles_services_and_other_users_grant_the_secrets_own_user_no_more_than_a_denial(text: str) -> None:
    assert not may_grant_read(text, "alice")


@pytest.mark.parametrize("text", LETTING_IN)
def test_whatever_else_a_policy_says_counts_as_granting_access(text: str) -> None:
    assert may_grant_read(text, "alice")
