"""Text from callers is hostile: what makes it harmless in mail, chat, logs and terminals."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

_MARKUP = re.compile(r"[<>\[\](){}|*_~`\\#&]")
_LINKING = re.compile(r"[.:@](?=\S)")  # before a space or the end, none of them makes a link
# In our own sentences: what makes a link of a name in them, and brackets that defang nothing.
_LINKING_IN_PROSE = re.compile(r"(?<!\[)(?:\.(?=[A-Za-z])|@(?=\S)|(?<=[A-Za-z]):(?=\S))")
_MARKUP_IN_PROSE = re.compile(r"[<>{}|*~`\\#&]|\[(?![.:@]\])|(?<!\[[.:@])\]")
_ELLIPSIS = "..."
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_USER_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")


def sanitize(text: str, limit: int = 120) -> str:
    """At most `limit` characters of printable ASCII on one line, without markup and without anything
    that a mail client turns into a link; `-` for a text of which nothing is left.
    """
    visible = _MARKUP.sub(" ", _printable_ascii(text[: 4 * limit]))
    return _cut(_defanged(" ".join(visible.split())), limit) or "-"


def sanitize_prose(text: str, limit: int = 400) -> str:
    """For a sentence of our own into which names were put: its punctuation, underscores, times and addresses
    stay. What is harmless already stays as it is.
    """
    visible = _MARKUP_IN_PROSE.sub(" ", _printable_ascii(text[: 4 * limit]))
    return _cut(_LINKING_IN_PROSE.sub(lambda match: f"[{match[0]}]", " ".join(visible.split())), limit)


def printable(text: str, limit: int = 256) -> str:
    """For tables and events: one bounded line of printable ASCII, its words left as they are."""
    return _cut(" ".join(_printable_ascii(text[: 2 * limit]).split()), limit)


def sanitize_account(label: str) -> str:
    """An account id with the name that the deployer gave it, in round brackets."""
    account, _, name = label.partition(" ")
    return sanitize(account, 20) + (f" ({sanitize(name, 60)})" if name else "")


def sanitize_source(source: str) -> str:
    """A caller's source address: as it is when it is an IP address, else harmless text."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return sanitize(source, 60)
    has_scope = getattr(address, "scope_id", None)  # any text may follow the % of an IPv6 address
    return sanitize(source, 60) if has_scope else str(address)


def sanitize_name(user_name: str) -> str:
    """An IAM user's name for prose. Its underscores stay: they are part of many names."""
    if _USER_NAME.fullmatch(user_name) is None:
        return sanitize(user_name, 64)
    return _cut(_defanged(user_name), 140)


def sanitize_secret_name(secret_name: str) -> str:
    """A secret's name for prose, as sanitize_name."""
    if _SECRET_NAME.fullmatch(secret_name) is None:
        return sanitize(secret_name, 64)
    return _cut(_defanged(secret_name), 140)


def is_secret_name(text: str) -> bool:
    return _SECRET_NAME.fullmatch(text) is not None


def is_user_name(text: str) -> bool:
    return _USER_NAME.fullmatch(text) is not None


def quote_user_name(user_name: str) -> str:
    """An IAM user's name as a word of a command: the shell reads the very name, but no mail client
    sees a link in it (`a.b@c.d` is written `a'.'b'@'c'.'d`).

    Raises ValueError for what IAM allows in no name (IAM API reference, CreateUser, UserName).
    """
    if _USER_NAME.fullmatch(user_name) is None:
        raise ValueError("not the name of an IAM user")
    return re.sub(r"[.@]", lambda match: f"'{match[0]}'", user_name)


def quote_secret_name(secret_name: str) -> str:
    """A secret's name as a word of a command, as quote_user_name.

    Raises ValueError for what no secret can be named (Secrets Manager API reference, CreateSecret, Name).
    """
    if not is_secret_name(secret_name):
        raise ValueError("not the name of a secret")
    return re.sub(r"[.@]", lambda match: f"'{match[0]}'", secret_name)


def _defanged(text: str) -> str:
    return _LINKING.sub(lambda match: f"[{match[0]}]", text)


def _printable_ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(character if " " <= character <= "~" else " " for character in folded)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_ELLIPSIS)] + _ELLIPSIS
