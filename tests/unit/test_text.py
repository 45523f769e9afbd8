from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.text import printable, quote_user_name, sanitize, sanitize_name, sanitize_source

HOSTILE = [
    "https://evil.example/login",
    "www.evil.example",
    "mailto:ceo@evil.example",
    "javascript:alert(1)",
    "<!channel> [click](http://evil.example)",
    "one\r\nSubject: two\u2028three\x00\x1b[31mred",
    "\u202egnp.exe",
    "\uff48\uff54\uff54\uff50\uff1a//evil\uff0eexample",
    "evil\u3002example",
    "tel:+491234",
]
LINK = re.compile(r"\w[.:@][A-Za-z0-9/]|://|\bwww\.", re.ASCII)
MARKUP = set("<>(){}|*_~`\\#&")
IAM_NAMES = st.text("abcXYZ019_+=,.@-", min_size=1, max_size=64)


def is_inert(text: str) -> bool:
    without_brackets = text.replace("[.]", "").replace("[:]", "").replace("[@]", "")
    return (
        all(" " <= character <= "~" for character in text)
        and not LINK.search(text)
        and not MARKUP & set(text)
        and "[" not in without_brackets.removesuffix("...").rstrip("[.:@]")
    )


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=400)), st.integers(10, 200))
@example("a" * 500 + "https://evil.example", 120)
def test_sanitized_text_has_no_link_markup_line_break_or_control_character(text: str, limit: int) -> None:
    result = sanitize(text, limit)
    assert is_inert(result)
    assert 1 <= len(result) <= limit


@given(IAM_NAMES)
def test_a_user_name_in_prose_is_not_a_link(name: str) -> None:
    assert not LINK.search(sanitize_name(name))


@given(IAM_NAMES)
def test_a_quoted_user_name_is_the_same_name_for_a_shell_and_no_link_for_a_mail_client(
    name: str,
) -> None:
    word = quote_user_name(name)
    assert shlex.split(word) == [name]
    assert not re.search(r"\w[.@]\w", word)


@pytest.mark.parametrize("name", ["", "a b", "a;rm -rf /", "$(id)", "a\nb", "\u00e4", "a'b"])
def test_an_impossible_user_name_is_never_put_into_a_command(name: str) -> None:
    with pytest.raises(ValueError, match="IAM user"):
        quote_user_name(name)


def test_an_ip_address_is_shown_unchanged_and_any_other_source_is_defanged() -> None:
    assert sanitize_source("203.0.113.7") == "203.0.113.7"
    assert sanitize_source("2001:db8::1") == "2001:db8::1"
    assert not LINK.search(sanitize_source("fe80::1%www.evil.example").replace("fe80[:][:]1", ""))
    assert sanitize_source("ec2.amazonaws.com") == "ec2[.]amazonaws[.]com"


@given(st.text(max_size=600), st.integers(10, 256))
def test_stored_text_is_one_line_of_printable_ascii_of_limited_length(text: str, limit: int) -> None:
    result = printable(text, limit)
    assert len(result) <= limit
    assert all(" " <= character <= "~" for character in result)


def test_harmless_words_stay_readable() -> None:
    assert sanitize("The key is invalid. Try again.") == "The key is invalid. Try again."
