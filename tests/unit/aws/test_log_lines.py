"""What programs log of refused calls, word for word, is classified as what it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, SIGNATURE_CODES, ErrorClass, classify_error
from lambdas.aws.domain.rejections import Objection, find_objection
from tests.support.paths import SHARED_DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

LINES = SHARED_DATA / "log_lines.jsonl"
pytestmark = pytest.mark.skipif(not LINES.is_file(), reason="the collected log lines are not here")
CUT_BEFORE_THE_MESSAGE = {"boto2-007", "json-log-002"}


def lines(codes: Iterable[str], *, refused: bool) -> list[dict[str, Any]]:
    parsed = map(json.loads, LINES.read_text().splitlines())
    return [line for line in parsed if line["code"] in codes and line["refused_for_credentials"] is refused]


def said_in(line: dict[str, Any]) -> str:
    """On one line, without what a terminal or a box puts before each line."""
    return re.sub(r"[\s│|]+", " ", line["text"])


def test_every_line_about_a_refused_key_says_so_unless_it_is_cut() -> None:
    refused = lines(KEY_FAILURE_CODES, refused=True)
    classes = {line["id"]: classify_error(line["code"], said_in(line)) for line in refused}
    assert len(classes) > 100
    assert {name for name, found in classes.items() if found is not ErrorClass.KEY_REJECTED} == (
        CUT_BEFORE_THE_MESSAGE
    )


@pytest.mark.parametrize("kind", ["ec2-authfailure", "sns-account"])
def test_no_line_of_a_healthy_caller_counts_as_a_refused_key(kind: str) -> None:
    healthy = [line for line in lines(KEY_FAILURE_CODES, refused=False) if line["kind"] == kind]
    assert healthy
    for line in healthy:
        assert classify_error(line["code"], said_in(line)) is not ErrorClass.KEY_REJECTED


def test_every_line_about_a_wrong_signature_says_which() -> None:
    refused = lines(SIGNATURE_CODES, refused=True)
    assert {find_objection(line["code"], said_in(line)) for line in refused} == {Objection.SIGNATURE}
