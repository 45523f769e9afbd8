"""Access key ids of documentation and templates, which were never meant to sign anything."""

from __future__ import annotations

import re

_MASKED = re.compile(r"(?:AKIA|ASIA)?(?:[X*0?.]{6,}|(.)\1{7,}).*", re.IGNORECASE)
_UNFILLED = re.compile(r"<[^<>]*>|\$\{?\w+\}?|%\w+%|\{\{.*\}\}|\[[^\[\]]*\]", re.DOTALL)
_WORDS = re.compile(
    r"(?:(?:my|your|the|aws|iam|user|put|insert|enter|add|here|some|fake|dummy|test|testing|sample|"
    r"access|secret|key|keys|id|value|placeholder|changeme|change|me|replace|todo|foo|bar|none|null|nil|"
    r"undefined|na|n/a|minioadmin|localstack|string|example)[\s_.:-]*)+",
    re.IGNORECASE,
)
_COUNTED = ("1234567890", "ABCDEFGHIJ")


def is_placeholder(text: str) -> bool:
    """True for ids of AWS's documentation, which contain EXAMPLE, and for what templates hold."""
    bare = text.strip().strip("\"'")
    return (
        "EXAMPLE" in bare.upper()
        or any(run in bare.upper() for run in _COUNTED)
        or any(form.fullmatch(bare) is not None for form in (_MASKED, _UNFILLED, _WORDS))
    )
