"""Makes the text of a log event comparable: without colours, escapes, boxes and line breaks."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# JSON inside JSON doubles each backslash, so any number of them may precede what is escaped.
_ESCAPED = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|(.?))", re.DOTALL)
_WHITE_SPACE = dict.fromkeys("nrt", " ")
_SPACES = re.compile(r"[\s\u2502\u200b]+")  # Terraform draws a box around an error


def plain_text(message: str) -> str:
    """One line. Only for recognition: it is not the text that was logged, nor safe to show."""
    unescaped = _ESCAPED.sub(_unescape, message)
    return _SPACES.sub(" ", _COLOUR.sub("", unescaped))


def _unescape(found: re.Match[str]) -> str:
    code_point, character = found[1], found[2]
    if code_point:
        return chr(int(code_point, 16))
    return _WHITE_SPACE.get(character, character)
