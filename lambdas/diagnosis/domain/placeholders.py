"""Recognises placeholder ids: those of documentation and templates, which never belong to a key."""

from __future__ import annotations

import re

_MAX_LENGTH = 64  # longer than any placeholder; bounds the time that matching takes
_MASKED = re.compile(r"(?:AKIA|ASIA)[X*0?.]{5,}.*|[X*0?.]{6,}.*|(?:AKIA|ASIA)?(.)\1{7,}", re.IGNORECASE)
_UNFILLED = re.compile(r"<[^<>]*>|\$\{?\w+\}?|%\w+%|\{\{[^{}]*\}\}|\[[^\[\]]*\]")
_SEPARATORS = re.compile(r"[\s_.:-]+")
_WORDS = frozenset(
    {
        "access", "accesskey", "accesskeyid", "add", "aws", "bar", "change", "changeme",
        "dummy", "enter", "fake", "foo", "here", "iam", "id", "insert", "key", "keys",
        "localstack", "me", "minioadmin", "my", "mykey", "na", "nil", "none", "null",
        "placeholder", "put", "replace", "sample", "secret", "some", "string", "test",
        "testing", "the", "todo", "undefined", "user", "value", "your", "yourkey"
    }
)  # fmt: skip
_SEQUENCES = ("1234567890", "ABCDEFGHIJ")


def is_placeholder(text: str) -> bool:
    """True for ids of AWS's documentation, which contain EXAMPLE, and for typical values in templates."""
    bare = text.strip().strip("\"'")
    if not bare or len(bare) > _MAX_LENGTH:
        return False
    return (
        "EXAMPLE" in bare.upper()
        or any(sequence in bare.upper() for sequence in _SEQUENCES)
        or any(pattern.fullmatch(bare) for pattern in (_MASKED, _UNFILLED))
        or all(word in _WORDS for word in _SEPARATORS.split(bare.lower()) if word)
    )
