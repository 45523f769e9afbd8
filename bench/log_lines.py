"""`python -m bench.log_lines FILE`: how well refused calls are recognised in lines that people published.

FILE has a JSON object a line: `text`, `code`, `key_id` and `refused_for_credentials` say what a reader sees.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.console import console
from lambdas.aws.domain.access_key_id import find_flaw
from lambdas.aws.domain.error_codes import EXPIRED_CODES, KEY_FAILURE_CODES, SIGNATURE_CODES, TOKEN_CODES
from lambdas.aws.domain.refusal_sentences import RefusalKind
from lambdas.detection.domain.log_line import find_refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambdas.detection.domain.refusal import Refusal

_KINDS = {
    **dict.fromkeys(KEY_FAILURE_CODES, RefusalKind.DEAD_KEY),
    **dict.fromkeys(SIGNATURE_CODES, RefusalKind.SIGNATURE),
    **dict.fromkeys(EXPIRED_CODES, RefusalKind.EXPIRED),
    **dict.fromkeys(TOKEN_CODES, RefusalKind.TOKEN),
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A published line, and what was found in it."""

    sample_id: str
    is_refused: bool
    kind: RefusalKind | None  # of its code; None if it shows none
    key_id: str  # empty if it has none that could be a key's
    refusal: Refusal | None
    in_one_line: Refusal | None  # if each line is an event of its own, as with most log drivers


def read_samples(path: Path) -> list[Sample]:
    return [_sample(json.loads(line)) for line in path.read_text().splitlines()]


def _sample(line: Mapping[str, Any]) -> Sample:
    key_id = line["key_id"] or ""
    found = (find_refusal(part) for part in line["text"].splitlines())
    by_line = [refusal for refusal in found if refusal]
    return Sample(
        sample_id=line["id"],
        is_refused=line["refused_for_credentials"],
        kind=_KINDS.get((line["code"] or "").rpartition("#")[2]),
        key_id="" if find_flaw(key_id) else key_id,
        refusal=find_refusal(line["text"]),
        in_one_line=max(by_line, key=lambda refusal: refusal.access_key_id, default=None),
    )


def figures(samples: Iterable[Sample]) -> Counter[str]:
    counts = Counter[str]()
    for sample in samples:
        counts.update(name for name, holds in _facts(sample).items() if holds)
    return counts


def _facts(sample: Sample) -> dict[str, bool]:
    found, key = sample.refusal, sample.key_id
    one = sample.in_one_line
    return {
        "refused": sample.is_refused,
        "refused, recognised": sample.is_refused and found is not None,
        "refused, recognised if each line is an event": sample.is_refused and one is not None,
        "refused, of the right kind": sample.is_refused and found is not None and _is_right(sample, found),
        "refused, with a usable key id": sample.is_refused and bool(key),
        "refused, key id found": sample.is_refused and found is not None and found.access_key_id == key != "",
        "refused, key id found if each line is an event": (
            sample.is_refused and one is not None and one.access_key_id == key != ""
        ),
        "not refused": not sample.is_refused,
        "not refused, recognised": not sample.is_refused and found is not None,
        "not refused, recognised with a key id": not sample.is_refused and _has_key(found),
    }


def _is_right(sample: Sample, found: Refusal) -> bool:
    return sample.kind in {None, found.sentence.kind}


def _has_key(found: Refusal | None) -> bool:
    return found is not None and bool(found.access_key_id)


def main(path: str) -> None:
    samples = read_samples(Path(path))
    table = Table("Lines", "Number")
    counts = figures(samples)
    for name in _facts(samples[0]):
        table.add_row(name, str(counts[name]))
    console.print(table)
    mistaken = [each.sample_id for each in samples if not each.is_refused and each.refusal]
    missed = [each.sample_id for each in samples if each.is_refused and not each.refusal]
    console.print(f"Recognised, but not refused: {', '.join(mistaken)}\nNot recognised: {', '.join(missed)}")


if __name__ == "__main__":
    main(sys.argv[1])
