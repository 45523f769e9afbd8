"""What an exemption covers, and what it must not suppress."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.iam import REPORTED
from lambdas.decisions.domain.exemption import Scope
from lambdas.decisions.domain.exemption_matching import describe_exemptions, display_name, matching_exemptions
from lambdas.detection.domain.callers import MAX_CALLERS
from lambdas.diagnosis.domain.cause import Cause
from tests.support.builders import (
    ACCOUNT,
    ALICE,
    OTHER_ACCOUNT,
    a_caller,
    a_case,
    a_predicted_outage,
    a_signal,
    an_exemption,
    an_inactive_key,
    an_unknown_key,
    key_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.aws.domain.iam import Caller
    from lambdas.diagnosis.domain.diagnosis import Case

VPC_ENDPOINT = "vpce-0a1b2c3d4e5f60718"
FOREIGN = key_id(account=OTHER_ACCOUNT)
IN_CI = replace(ALICE, path="/ci/nightly/")
CASE = a_case(evidence=an_inactive_key(owner=IN_CI))
INSIDE, ALSO_INSIDE, V6 = a_caller("203.0.113.7"), a_caller("203.0.113.8"), a_caller("2001:db8::7")
OUTSIDE, NO_ADDRESS = a_caller("198.51.100.1"), a_caller("ec2.amazonaws.com")
A_REPORTER = a_caller(REPORTED, "203.0.113.7")


def exempts(
    name: str, case: Case = CASE, cause: Cause = Cause.KEY_INACTIVE, callers: Iterable[Caller] = ()
) -> bool:
    return bool(matching_exemptions([an_exemption(name)], case, cause, callers))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"key:{key_id()}", True),
        (f"key:{key_id(2)}", False),
        ("user:alice", True),
        ("user:alic", False),
        ("user:Alice", False),
        ("path:/ci/", True),
        ("path:/ci/nightly/", True),
        ("path:/ci/nightly/later/", False),
        ("path:/nightly/", False),
        (f"account:{ACCOUNT}", True),
        (f"account:{OTHER_ACCOUNT}", False),
        ("cause:key-inactive", True),
        ("cause:key-deleted", False),
        ("network:203.0.113.0/24", True),
        ("network:198.51.100.0/24", False),
    ],
)
def test_each_scope_covers_only_what_it_names(name: str, expected: bool) -> None:
    assert exempts(name) is expected


@pytest.mark.parametrize("name", ["user:alice", "path:/ci/"])
def test_an_exemption_of_users_does_not_apply_if_the_owner_is_unknown(name: str) -> None:
    assert not exempts(name, a_case(evidence=an_unknown_key()), Cause.UNKNOWN_KEY)


def test_an_exemption_of_a_path_does_not_apply_if_the_path_is_unknown() -> None:
    assert not exempts("path:/ci/", a_case(evidence=an_inactive_key(owner=ALICE)))


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(Cause.OTHER_ACCOUNT, True), (Cause.TEMPORARY_CREDENTIAL, True), (Cause.MISTYPED_KEY, False)],
)
def test_the_account_of_the_id_counts_if_the_key_is_of_another_account(cause: Cause, expected: bool) -> None:
    case = a_case(a_signal(FOREIGN), an_unknown_key())
    assert exempts(f"account:{OTHER_ACCOUNT}", case, cause) is expected


def test_the_account_that_sts_returned_counts_for_an_id_of_the_old_format() -> None:
    evidence = replace(an_unknown_key(), sts_account=OTHER_ACCOUNT)
    assert exempts(
        f"account:{OTHER_ACCOUNT}", a_case(a_signal("AKIAJ2345672345672AB"), evidence), Cause.OTHER_ACCOUNT
    )


@pytest.mark.parametrize(
    ("callers", "expected"),
    [
        ((INSIDE,), True),
        ((INSIDE, ALSO_INSIDE), True),
        ((INSIDE, OUTSIDE), False),
        ((INSIDE, NO_ADDRESS), False),
        ((INSIDE, A_REPORTER), False),
        ((INSIDE, V6), False),
    ],
)
def test_a_network_exempts_an_incident_only_if_it_contains_all_callers(
    callers: tuple[Caller, ...], expected: bool
) -> None:
    for order in itertools.permutations(callers):
        assert exempts("network:203.0.113.0/24", callers=order) is expected


@pytest.mark.parametrize(
    ("named", "used", "expected"),
    [
        ("", "", True),
        ("", VPC_ENDPOINT, False),
        (VPC_ENDPOINT, VPC_ENDPOINT, True),
        (VPC_ENDPOINT, "vpce-0ffffffffffffffff", False),
        (VPC_ENDPOINT, "", False),
    ],
)
def test_a_network_covers_a_call_through_a_vpc_endpoint_only_if_it_names_the_endpoint(
    named: str, used: str, *, expected: bool
) -> None:
    exemption = an_exemption("network:203.0.113.0/24", vpc_endpoint=named)
    case = a_case(a_signal(caller=a_caller(vpc_endpoint=used)), CASE.evidence)
    assert bool(matching_exemptions([exemption], case, Cause.KEY_INACTIVE, ())) is expected


def test_callers_through_and_without_an_endpoint_need_an_exemption_each() -> None:
    network, through = "network:203.0.113.0/24", a_caller(vpc_endpoint=VPC_ENDPOINT)
    plain, behind = an_exemption(network), an_exemption("network:203.0.113.7/32", vpc_endpoint=VPC_ENDPOINT)
    for exemptions in ([plain], [behind]):
        assert not matching_exemptions(exemptions, CASE, Cause.KEY_INACTIVE, (INSIDE, through))
    assert matching_exemptions([plain, behind], CASE, Cause.KEY_INACTIVE, (INSIDE, through))
    assert display_name(behind) == f"network:203.0.113.7/32 through {VPC_ENDPOINT}"


def test_several_networks_that_together_contain_all_callers_are_all_named() -> None:
    both = [an_exemption("network:2001:db8::/32"), an_exemption("network:203.0.113.0/24")]
    applied = matching_exemptions(both, CASE, Cause.KEY_INACTIVE, (V6,))
    assert [each.name for each in applied] == ["network:2001:db8::/32", "network:203.0.113.0/24"]


def test_the_signals_caller_counts_even_if_the_incident_does_not_have_it() -> None:
    case = a_case(a_signal(caller=OUTSIDE), CASE.evidence)
    assert not exempts("network:203.0.113.0/24", case, callers=(INSIDE,))


def test_no_network_applies_to_an_incident_with_the_maximum_of_callers() -> None:
    many = tuple(a_caller(user_agent=f"agent {number}") for number in range(MAX_CALLERS))
    case = a_case(a_signal(caller=many[0]), CASE.evidence)
    assert exempts("network:203.0.113.0/24", case, callers=many[:-1])
    assert not exempts("network:203.0.113.0/24", case, callers=many)


def test_no_network_applies_to_a_predicted_outage_whose_callers_are_unknown() -> None:
    case = a_case(a_predicted_outage(), CASE.evidence)
    assert not exempts("network:203.0.113.0/24", case, Cause.DEACTIVATED_IN_USE, (INSIDE,))


def test_an_exemption_is_described_with_its_expiry_reason_and_author() -> None:
    assert describe_exemptions([an_exemption("user:ci_bot", reason="being replaced", author="bob")]) == (
        "exempt by user:ci_bot until 2026-03-15 12:00:00 UTC (being replaced; by bob)"
    )
    assert describe_exemptions([]) == ""


@given(
    st.sampled_from([f"{scope}:" for scope in Scope] + [""]),
    st.text(st.characters(codec="utf-8")),
    st.text(),
    st.text(),
)
def test_no_exemption_text_adds_a_line_a_link_or_markup_to_its_description(
    scope: str, value: str, reason: str, author: str
) -> None:
    exemption = an_exemption(scope + value, reason=reason, author=author)
    for text in (display_name(exemption), describe_exemptions([exemption])):
        assert text.isprintable()
        assert text.isascii()
        assert not re.search(r"[<>{}|*~`\\#&]|https?:|www\.", text)
        assert len(text) < 500
