"""Access key ids of documentation and templates, which were never meant to sign anything."""

from __future__ import annotations

import re

_LONGEST = 64  # no template's word is longer, and matching stays cheap whatever is sent
_MASKED = re.compile(r"(?:AKIA|ASIA)[X*0?.]{5,}.*|[X*0?.]{6,}.*|(?:AKIA|ASIA)?(.)\1{7,}", re.IGNORECASE)
_UNFILLED = re.compile(r"<[^<>]*>|\$\{?\w+\}?|%\w+%|\{\{[^{}]*\}\}|\[[^\[\]]*\]")
_BETWEEN_WORDS = re.compile(r"[\s_.:-]+")
_WORDS = frozenset(
    {
        "access", "accesskey", "accesskeyid", "add", "aws", "bar", "change", "changeme",
        "dummy", "enter", "fake", "foo", "here", "iam", "id", "insert", "key", "keys",
        "localstack", "me", "minioadmin", "my", "mykey", "na", "nil", "none", "null",
        "placeholder", "put", "replace", "sample", "secret", "some", "string", "test",
        "testing", "the", "todo", "undefined", "user", "value", "your", "yourkey"
    }
)  # fmt: skip
_COUNTED = ("1234567890", "ABCDEFGHIJ")


def is_placeholder(text: str) -> bool:
    """True for ids of AWS's documentation, which contain EXAMPLE, and for what templates hold."""
    bare = text.strip().strip("\"'")
    if not bare or len(bare) > _LONGEST:
        return False
    return (
        "EXAMPLE" in bare.upper()
        or any(run in bare.upper() for run in _COUNTED)
        or any(form.fullmatch(bare) is not None for form in (_MASKED, _UNFILLED))
        or all(word in _WORDS for word in _BETWEEN_WORDS.split(bare.lower()) if word)
    )
