"""The words that this project does not use, each with the standard term that takes its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEARCHED = ("README.md", "app.py", "docs", "lambdas", "infra", "local", "bench", "tests")
SUFFIXES = {".md", ".json", ".py", ".txt"}
_EXCEPT = ROOT / "tests" / "unit" / "test_words.py"  # this list

RETIRED = {
    # Phrases that have to be read twice.
    r"anew": "again",
    r"as of": "since",
    r"at it": "name what is done",
    r"befell": "happened to",
    r"bears? (?:a|the|its) name": "has the name",
    r"beside": "next to, besides",
    r"by now": "already, now",
    r"foil(?:s|ed)?": "prevent",
    r"hangs? on": "depends on",
    r"in the midst": "during",
    r"(?:keep|keeps|kept|keeping) back": "suppress",
    r"lately": "recently",
    r"(?:made|makes?) up for": "caught up",
    r"mend(?:s|ed|ing)?": "fix, resolve",
    r"seldom": "rarely",
    r"tell(?:s|ing)?|told|untold": "send, notify, report, say, show",
    r"who(?:so)?ever": "name the actor",
    r"work(?:s|ed|ing)? off": "process",
    # Names of things.
    r"aftercare": "follow-up",
    r"bearers?(?! token)": "holder",
    r"blemish(?:es)?": "partial refusal",
    r"foresee\w*|foresaw|foretell\w*|foretold|foresight": "predict, prediction",
    r"given back|kept off": "reactivated, reactivation refused",
    r"happenings?": "occurrence",
    r"inert": "sanitised",
    r"judg(?:e|es|ed|ing|ement|ements)": "evaluate, evaluation",
    r"life[ -]cycles?": "lifecycle, changes of keys and users",
    r"look(?:s|ed|ing)? after": "follow up, process",
    r"news": "update",
    r"notices?|noticed": "notification",
    r"noted": "recorded",
    r"owner files?": "owner record",
    r"rounds?": "run, pass",
    r"rulings?": "guardrail result",
    r"settlements?": "incident update",
    r"sightings?": "signal group",
    r"slips?": "typing error, edit distance 1",
    r"stages?": "deployment",
    r"standings?": "assessment",
    r"strays?": "orphaned keys",
    r"switch(?:es|ed|ing)? (?:off|on) (?:again|the key|keys)": "deactivate, reactivate",
    r"unsent": "pending, undelivered",
    r"verdicts?": "diagnosis, decision",
    r"victims?": "affected callers",
    r"witness(?:es)?": "probe key",
}

# Values and names that contain a retired word: stored values, options of AWS's commands, Python's `round`.
_VALUES = re.compile(r"""rotation-cannot-mend|"told"|-version-stage|"Stages"|--no-notices|\bround\(""")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_TARGET = re.compile(r"\]\([^)\s]+\)")


def searched_files() -> Iterator[Path]:
    for name in SEARCHED:
        at = ROOT / name
        found = [at] if at.is_file() else sorted(at.rglob("*"))
        yield from (path for path in found if path.suffix in SUFFIXES and path != _EXCEPT)


def prose(path: Path) -> str:
    """Without what is quoted, as commands and values are, so that each line keeps its number."""
    text = path.read_text()
    if path.suffix == ".json":
        return "\n".join(line if '"description": ' in line else "" for line in text.splitlines())
    if path.suffix != ".md":
        return _VALUES.sub("", text)
    text = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    return _TARGET.sub("]", _CODE.sub("", text))


def retired_words(text: str) -> list[str]:
    """Each with the number of its line and what to write instead."""
    found = []
    for pattern, instead in RETIRED.items():
        phrase = pattern.replace(" ", r"\s+")
        for word in re.finditer(rf"\b(?:{phrase})\b", text, re.IGNORECASE):
            line = text.count("\n", 0, word.start()) + 1
            found.append(f"line {line}: {' '.join(word[0].split())!r}: write {instead}")
    return sorted(found)


@pytest.mark.parametrize("path", [*searched_files()], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_uses_no_retired_word(path: Path) -> None:
    assert retired_words(prose(path)) == []


def test_a_phrase_is_found_over_the_end_of_a_line() -> None:
    assert retired_words("The alert was kept\nback.") == ["line 1: 'kept back': write suppress"]


def test_a_quoted_value_is_not_searched(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("The kind `key-given-back` is not [prose](told.md).\n```\ntold\n```\n")
    assert retired_words(prose(page)) == []


def test_a_stored_value_is_not_searched_in_code(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('ALERTED = "told"\n# What is told.\n')
    assert retired_words(prose(module)) == ["line 2: 'told': write send, notify, report, say, show"]
