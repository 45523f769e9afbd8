from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.aws.domain.contact import accepted_contact
from tests.unit.test_text import HOSTILE

DOMAINS = frozenset({"example.com", "payments.example.org"})


@pytest.mark.parametrize(
    "tag",
    [
        "payments@example.com",
        "first.last+alerts@example.com",
        "TEAM_1@Example.COM",
        "on-call@payments.example.org",
    ],
)
def test_one_address_of_an_accepted_domain_is_the_contact(tag: str) -> None:
    assert accepted_contact(tag, DOMAINS) == tag


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "example.com",
        "@example.com",
        "a@b@example.com",
        "a@evil.example",
        "a@sub.example.com",
        "a@example.com.evil.example",
        "a@evilexample.com",
        "a@example.com, b@evil.example",
        "b@evil.example a@example.com",
        "a@example.com;b@example.com",
        "a@example.com\nBcc: b@evil.example",
        "a@example.com\n",
        "A <a@example.com>",
        '"a b"@example.com',
        "a(evil)@example.com",
        ".a@example.com",
        "a..b@example.com",
        "a.@example.com",
        "mailto:a@example.com",
        "a%b.evil@example.com",
        "a!b@example.com",
        "a@example.com?subject=x",
        "a@ex\u0430mple.com",
        "a@\uff45xample.com",
        "a@example\u3002com",
        "\u0430@example.com",
        "a\u200b@example.com",
        f"{'a' * 65}@example.com",
    ],
)
def test_any_other_text_is_not_accepted(tag: str) -> None:
    assert accepted_contact(tag, DOMAINS) == ""


def test_without_configured_domains_no_contact_is_accepted() -> None:
    assert accepted_contact("payments@example.com", frozenset()) == ""


ADDRESSES = st.builds(
    "{}@{}{}".format, st.text(max_size=30), st.sampled_from(sorted(DOMAINS)), st.text(max_size=5)
)


@given(st.one_of(st.text(max_size=300), st.sampled_from(HOSTILE), ADDRESSES))
@example("a@example.com\u2028")
def test_nothing_hostile_gets_through(tag: str) -> None:
    contact = accepted_contact(tag, DOMAINS)
    assert contact in {"", tag}
    if contact:
        assert re.fullmatch(r"[A-Za-z0-9_+.-]{1,64}@[A-Za-z0-9.-]+", contact)
        assert contact.rpartition("@")[2].lower() in DOMAINS
