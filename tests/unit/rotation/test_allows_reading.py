"""Whether a resource policy may let anybody read the secret. Every unknown form counts as reading."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.rotation.domain.resource_policy import allows_reading

ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:role/app"},
    "Resource": "*",
}
READ = "secretsmanager:GetSecretValue"
DESCRIBE = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"]


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


HARMLESS = [
    "",
    policy(),
    policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
    policy({**ALLOW, "Action": DESCRIBE}),
    policy({**ALLOW, "Action": DESCRIBE[0].upper()}),
]
READING = [
    *(
        policy({**ALLOW, "Action": action})
        for action in [READ, [READ], "*", "secretsmanager:*", "secretsmanager:Get*"]
    ),
    policy({**ALLOW, "Action": [*DESCRIBE, READ]}),
    policy({**ALLOW, "Action": "secretsmanager:BatchGetSecretValue"}),
    policy({**ALLOW, "Action": "secretsmanager:PutResourcePolicy"}),
    policy({**ALLOW, "NotAction": DESCRIBE}),
    policy({**ALLOW, "Action": 7}),
    policy(ALLOW),
    policy({"Effect": "Deny"}, {**ALLOW, "Action": READ}),
    policy("text"),
    policy({**ALLOW, "Action": READ, "Sid": "AccessKeyRemediatorOwnUser"}),
    json.dumps({"Statement": {**ALLOW, "Action": READ}}),
    "no JSON",
    "[]",
    "{}",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_policy_that_denies_or_lets_describe_lets_nobody_read(text: str) -> None:
    assert not allows_reading(text)


@pytest.mark.parametrize("text", READING)
def test_every_other_policy_counts_as_one_that_lets_somebody_read(text: str) -> None:
    assert allows_reading(text)
