"""When an exemption is in force, and why some never are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.decisions.domain.exemption import Exemption, Scope
from lambdas.diagnosis.domain.cause import Cause
from tests.support.builders import NOON, an_exemption, key_id

GOOD = (
    f"key:{key_id()}",
    f"key:sha256:{'0' * 64}",
    "key:none:123456789012:AIDAEXAMPLE:203.0.113.7",
    "user:alice",
    "user:alice.b@example.com",
    "path:/ci/",
    "path:/ci/nightly/",
    "account:012345678901",
    "cause:unknown-key",
    "network:203.0.113.7",
    "network:203.0.113.0/24",
    "network:10.0.0.0/8",
    "network:2001:db8::/32",
)
BAD = (
    "",
    "alice",
    "team:payments",
    "USER:alice",
    "user:",
    "user:alice bob",
    "user:*",
    "key:akia",
    "key:wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz",
    "path:/",
    "path:ci",
    "path:/ci",
    "account:123",
    "account:" + "\u0661" * 12,
    "cause:any",
    "cause:quarantined-key",
    "network:0.0.0.0/0",
    "network:0.0.0.0/7",
    "network:::/0",
    "network:2000::/15",
    "network:203.0.113.7/24",
    "network:fe80::1%eth0",
    "network:example.com",
)


@pytest.mark.parametrize("name", GOOD)
def test_a_valid_exemption_is_in_force_until_it_expires(name: str) -> None:
    exemption = an_exemption(name, expires=NOON)
    assert exemption.violation == ""
    assert exemption.is_in_force(NOON - timedelta(seconds=1))
    assert not exemption.is_in_force(NOON)


@pytest.mark.parametrize("name", BAD)
def test_an_exemption_with_an_invalid_name_is_never_in_force(name: str) -> None:
    exemption = an_exemption(name)
    assert exemption.violation
    assert not exemption.is_in_force(NOON)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": " \n"}, "reason"),
        ({"author": ""}, "author"),
        ({"expires": None}, "expires"),
    ],
)
def test_an_exemption_without_reason_author_or_expiry_is_never_in_force(
    changes: dict[str, Any], named: str
) -> None:
    exemption = an_exemption(**changes)
    assert exemption.violation == f"its attribute {named} is missing or unreadable"
    assert not exemption.is_in_force(NOON)


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("user:alice", "vpce-0a1b2c3d4e5f60718"),
        ("network:203.0.113.0/24", "vpc-0a1b2c3d"),
        ("network:203.0.113.0/24", "*"),
        ("network:203.0.113.0/24", "['vpce-0a1b2c3d4e5f60718']"),
    ],
)
def test_only_a_network_names_an_endpoint_and_by_its_id(name: str, endpoint: str) -> None:
    assert not an_exemption(name).violation
    assert "vpcEndpoint" in an_exemption(name, vpc_endpoint=endpoint).violation


def test_every_cause_except_a_quarantined_key_can_be_exempt() -> None:
    invalid = [cause for cause in Cause if an_exemption(f"cause:{cause}").violation]
    assert invalid == [Cause.QUARANTINED_KEY]


@given(st.text(), st.text(), st.text(), st.sampled_from(["", *(f"{scope}:" for scope in Scope)]))
def test_an_exemption_with_any_texts_is_either_in_force_or_invalid(
    value: str, reason: str, author: str, scope: str
) -> None:
    exemption = Exemption(name=scope + value, reason=reason, author=author, expires=NOON)
    assert exemption.is_in_force(NOON - timedelta(seconds=1)) is not bool(exemption.violation)
