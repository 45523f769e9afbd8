"""An alert for Slack and Teams, as a custom notification of Amazon Q Developer in chat applications.

Limits: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html. Amazon Q silently drops a
message of another form. Chat interprets markdown, so text that a caller may have written is in a code block,
where nothing is markup. The rest is our own, or free of markup characters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from lambdas.alerting.domain.alert import Alert
from lambdas.aws.domain.deployment import CONSOLES
from lambdas.text import printable, sanitize_name

TITLE_LIMIT = 250
DESCRIPTION_LIMIT = 8_000
NEXT_STEP_LIMIT = 350
KEYWORD_LIMIT = 75
EVENT_TYPE = "access-key-incident"
_CONSOLES = "|".join(map(re.escape, CONSOLES))
_KEYWORDS = ("severity", "cause", "decision")
_HEADING = re.compile(r"[A-Z][A-Za-z0-9 :,()-]*")
# Slack interprets <...> everywhere, even in code. An underscore within a word is no markup in either.
_MARKUP = re.compile(r"[*~`<>|\\#&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LINK = re.compile(r"\](?=[(\[:])")
_OUR_LINK = re.compile(rf"https://(?:[a-z0-9-]+\.)?(?:{_CONSOLES})/[A-Za-z0-9/?=&#.%~_-]+")
_CUT = "(cut: the e-mail has the rest)"
_FENCE = "```"


def compose_chat_message(alert: Alert, *, thread: str) -> dict[str, object]:
    """Ready for JSON. Messages with the same `thread`, any text, are shown together, below the summary."""
    context = _context(alert.attributes)
    title = _plain(alert.subject, TITLE_LIMIT)
    links = [line.strip() for line in alert.body.splitlines() if _is_link(line)]
    return {
        "version": "1.0",
        "source": "custom",
        "id": _digest(f"{thread}\n{alert.subject}\n{alert.body}"),
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": _description(alert.body) or title,
            "nextSteps": [link for link in links if len(link) <= NEXT_STEP_LIMIT],
            "keywords": [context[name][:KEYWORD_LIMIT] for name in _KEYWORDS if name in context],
        },
        "metadata": {
            "threadId": _digest(thread),
            "summary": title,
            "eventType": EVENT_TYPE,
            "relatedResources": _owner(context),
            "additionalContext": context,
        },
    }


def _is_link(line: str) -> bool:
    return _OUR_LINK.fullmatch(line.strip()) is not None


def _context(attributes: Mapping[str, str]) -> dict[str, str]:
    """The contact is of an accepted domain, so it may become a link."""
    return {
        name: _plain(value if name == "contact" else sanitize_name(value), TITLE_LIMIT)
        for name, value in attributes.items()
    }


def _owner(context: Mapping[str, str]) -> list[str]:
    owner = context.get("owner", "-")
    return [] if owner == "-" else [f"IAM user {owner}"]


def _description(body: str) -> str:
    """As many sections as fit, each in a code block."""
    description = ""
    for section in _sections(body):
        longer = f"{description}{section}\n"
        if len(longer) + len(_CUT) > DESCRIPTION_LIMIT:
            return description + _CUT
        description = longer
    return description.rstrip("\n")


def _sections(body: str) -> Iterator[str]:
    for paragraph in body.split("\n\n"):
        lines = [_in_code(line) for line in paragraph.splitlines() if not _is_link(line)]
        heading = f"*{lines.pop(0)}*\n" if lines and _HEADING.fullmatch(lines[0]) else ""
        if any(lines):
            yield heading + "\n".join([_FENCE, *lines, _FENCE])


def _in_code(line: str) -> str:
    return line.replace("`", "'").replace("<", "(")


def _plain(text: str, limit: int) -> str:
    return printable(_LINK.sub("] ", _MARKUP.sub(" ", text)), limit) or "-"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
