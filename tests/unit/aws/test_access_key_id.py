from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.access_key_id import decode_account, find_flaw, looks_like_an_id
from tests.support.builders import key_id


@pytest.mark.parametrize(
    ("access_key_id", "account"),
    [
        ("AKIATZ2X44NMCEQW46PL", "261640479576"),
        ("AKIAUT5AMCC2VINIQAMK", "317627044021"),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("ASIATZY6AEXHK4TDFY3E", "261519058382"),
        ("ASIARYU52XPC5GYD2LMQ", "121663830981"),
    ],
)
def test_ids_whose_account_is_publicly_known_decode_to_it(access_key_id: str, account: str) -> None:
    assert decode_account(access_key_id) == account


@pytest.mark.parametrize(
    "access_key_id",
    ["AKIAIOSFODNN7EXAMPLE", "AKIAJ2345672345672AB", "AKIAI44QH8DHBEXAMPLE", "AKIA", "", "AKIAQ", "ascii?"],
)
def test_old_ids_and_malformed_ids_encode_no_account(access_key_id: str) -> None:
    assert decode_account(access_key_id) is None


@given(account=st.integers(0, 10**12 - 1), number=st.integers(0, 2**31))
def test_every_account_survives_the_round_trip(account: int, number: int) -> None:
    assert decode_account(key_id(number, account=f"{account:012d}")) == f"{account:012d}"


@given(st.text())
def test_decoding_never_fails_and_what_it_finds_has_twelve_digits(text: str) -> None:
    account = decode_account(text)
    assert account is None or len(account) >= 12


@pytest.mark.parametrize(
    "text",
    [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "akiaiosfodnn7example",
        "AKIAIOSFODNN7EXAMPLE\n",
        "AKIAIOSFODNN7 EXAMPLE",
        "AKIA\u200bIOSFODNN7EXAMPL",
        "",
        "AKIA",
        "\N{FULLWIDTH LATIN CAPITAL LETTER A}KIAIOSFODNN7EXAMPLE",
    ],
)
def test_secrets_and_damaged_ids_do_not_look_like_ids(text: str) -> None:
    assert not looks_like_an_id(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("AIDATFQR7NSC5AU2ZV3IE", "it begins with AIDA, which names a user, not a key"),
        ("AIDATFQR7NSC5AU2ZV3I", "it begins with AIDA, which names a user, not a key"),
        ("AROATZY6AEXHFRL3TMWE", "it begins with AROA, which names a role, not a key"),
        ("QQQQTZY6AEXHFRL3TMWE", "it begins with neither AKIA nor ASIA"),
        ("QQQQTZY6AEXHFRL3TMW", "it has 19 characters instead of 20"),
    ],
)
def test_an_id_of_something_else_is_named_by_its_prefix_if_that_is_known(text: str, what: str) -> None:
    flaw = find_flaw(text)
    assert flaw is not None
    assert (flaw.what, flaw.position) == (what, 0)


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
def test_an_id_in_the_format_of_aws_has_no_flaw(prefix: str) -> None:
    assert find_flaw(key_id(prefix=prefix)) is None
