from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.ledger.domain.near_miss import (
    could_be_mistyped,
    is_one_typo_apart,
    masked,
    middle,
    single_near_miss,
    tail,
)
from tests.support.builders import key_id

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
IDS = st.integers(1, 2**32 - 1).map(key_id)
PLACES = st.integers(0, 19)


@given(id_=IDS, place=PLACES, other=st.sampled_from(ALPHABET + "abc0189"))
def test_a_wrong_character_is_a_near_miss_that_tail_or_middle_find(id_: str, place: int, other: str) -> None:
    assert_is_found(id_, id_[:place] + other + id_[place + 1 :])


@given(id_=IDS, place=st.integers(0, 18))
def test_two_swapped_characters_are_a_near_miss_that_tail_or_middle_find(id_: str, place: int) -> None:
    assert_is_found(id_, id_[:place] + id_[place + 1] + id_[place] + id_[place + 2 :])


@given(id_=IDS, place=PLACES)
def test_a_missing_or_doubled_character_is_a_near_miss_that_tail_or_middle_find(id_: str, place: int) -> None:
    assert_is_found(id_, id_[:place] + id_[place + 1 :])
    assert_is_found(id_, id_[: place + 1] + id_[place:])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (key_id(), "the id itself"),
        (key_id() + "A" if key_id()[-1] != "A" else key_id() + "B", "an added character that doubles none"),
        (key_id()[2:], "two lost characters"),
        (key_id()[1] + key_id()[0] + key_id()[3] + key_id()[2] + key_id()[4:], "two swaps"),
        (key_id()[2] + key_id()[1] + key_id()[0] + key_id()[3:], "two characters swapped over a third"),
    ],
)
def test_nothing_else_is_a_near_miss(text: str, what: str) -> None:
    assert not is_one_typo_apart(text, key_id()), what


def test_an_id_that_is_close_to_two_keys_is_a_near_miss_of_neither() -> None:
    one, other = key_id()[:-1] + "A", key_id()[:-1] + "B"
    assert single_near_miss(key_id()[:-1] + "C", [one]) == one
    assert not single_near_miss(key_id()[:-1] + "C", [one, other])
    assert not single_near_miss(one, [one, other])


def test_a_masked_id_shows_only_its_ends() -> None:
    assert masked("AKIAIOSFODNN7EXAMPLE") == "AKIA...MPLE"


def assert_is_found(id_: str, typo: str) -> None:
    if typo == id_:
        return
    assert is_one_typo_apart(typo, id_)
    assert single_near_miss(typo, [id_]) == id_
    assert could_be_mistyped(typo)
    assert tail(typo) == tail(id_) or middle(typo) == middle(id_)
