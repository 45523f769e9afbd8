"""Refused calls are recognised in the lines that people have published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.log_lines import figures, main, read_samples
from tests.support.paths import SHARED_DATA

if TYPE_CHECKING:
    from collections import Counter

    from bench.log_lines import Sample

LINES = SHARED_DATA / "log_lines.jsonl"
# No line of theirs has the whole sentence: one was cut, one logs the code alone, two log neither.
WITHOUT_A_SENTENCE = {"boto2-007", "json-log-002", "rust-002", "rust-008"}
# A program, a test, a page or a person that quotes a sentence of AWS; and an S3-compatible server that
# answers with all words of S3 and prints no address.
INDISTINGUISHABLE = {
    "negative-009",
    "negative-082",
    "negative-085",
    "negative-088",
    "negative-090",
    "negative-092",
    "negative-094",
}

pytestmark = pytest.mark.skipif(
    not LINES.exists(), reason="the published lines are not part of the repository"
)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return read_samples(LINES)


def test_every_refused_call_whose_line_has_a_sentence_is_recognised(samples: list[Sample]) -> None:
    missed = {each.sample_id for each in samples if each.is_refused and not each.refusal}
    assert missed == WITHOUT_A_SENTENCE


def test_nothing_else_is_taken_for_one_but_what_no_text_tells_apart(samples: list[Sample]) -> None:
    mistaken = {each.sample_id for each in samples if not each.is_refused and each.refusal}
    assert mistaken == INDISTINGUISHABLE


def test_no_line_of_another_kind_names_a_key_so_none_leads_to_a_rotation(samples: list[Sample]) -> None:
    assert figures(samples)["not refused, recognised with a key id"] == 0


def test_the_kind_and_the_key_of_each_are_right(samples: list[Sample]) -> None:
    counts: Counter[str] = figures(samples)
    assert counts["refused, of the right kind"] == counts["refused, recognised"]
    assert counts["refused, key id found"] == counts["refused, with a usable key id"] > 0


def test_the_command_prints_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(str(LINES))
    printed = capsys.readouterr().out
    assert all(name in printed for name in INDISTINGUISHABLE | WITHOUT_A_SENTENCE)
