from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.diagnosis.domain.placeholders import is_placeholder
from tests.support.builders import key_id


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAI44QH8DHBEXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "AKIAXXXXXXXXXXXXXXXX",
        "AKIAXXXXX",
        "AKIA****************",
        "AKIA0000000000000000",
        "AKIA1234567890ABCDEF",
        "xxxxxxxxxxxx",
        "<YOUR_KEY>",
        "<your access key id>",
        "${AWS_ACCESS_KEY_ID}",
        "$AWS_ACCESS_KEY_ID",
        "%AWS_ACCESS_KEY_ID%",
        "{{ aws_access_key_id }}",
        "[your-key]",
        "YOUR_ACCESS_KEY_ID",
        "your-access-key",
        "my_access_key",
        "changeme",
        "test",
        "dummy",
        "none",
        "undefined",
        "minioadmin",
        '"changeme"',
    ],
)
def test_ids_of_documentation_and_templates_are_placeholders(text: str) -> None:
    assert is_placeholder(text)


@given(st.integers(0, 2**31), st.sampled_from(["AKIA", "ASIA"]))
def test_ids_that_aws_generates_are_not_placeholders(number: int, prefix: str) -> None:
    assert not is_placeholder(key_id(number + 2**24, prefix=prefix))


@pytest.mark.parametrize("text", ["AKIATZ2X44NMCEQW46PL", "AKIAUT5AMCC2VINIQAMK", "AKIA secret", "", "x"])
def test_other_texts_are_not_placeholders(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["changeme" * 50 + "!", "x" * 100_000, "a_" * 50_000, "<" * 100_000])
def test_long_texts_are_checked_quickly(text: str) -> None:
    began = time.perf_counter()
    assert not is_placeholder(text)
    assert time.perf_counter() - began < 0.1
