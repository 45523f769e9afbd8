"""Makes untrusted text from callers safe to show in mail, chat, logs and terminals."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

_UNPRINTABLE = re.compile(r"[^ -~]")
_MARKUP = re.compile(r"[<>\[\](){}|*_~`\\#&]")
_LINKING = re.compile(r"[.:@](?=\S)")  # none of them makes a link before a space or at the end
# In our own sentences: characters that turn a name into a link, and brackets that defang nothing.
_LINKING_IN_PROSE = re.compile(r"(?<!\[)(?:\.(?=[A-Za-z])|@(?=\S)|(?<=[A-Za-z]):(?=\S))")
_MARKUP_IN_PROSE = re.compile(r"[<>{}|*~`\\#&]|\[(?![.:@]\])|(?<!\[[.:@])\]")
_ELLIPSIS = "..."
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_USER_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")


def sanitize(text: str, limit: int = 120) -> str:
    """At most `limit` characters of printable ASCII on one line, without markup or links.

    `-` if nothing is left of the text.
    """
    visible = _MARKUP.sub(" ", _printable_ascii(text[: 4 * limit]))
    return _cut(_defanged(" ".join(visible.split())), limit) or "-"


def sanitize_prose(text: str, limit: int = 400) -> str:
    """For a sentence of our own that contains names: keeps punctuation, underscores, times and addresses.

    Text that is already safe stays unchanged.
    """
    visible = _MARKUP_IN_PROSE.sub(" ", _printable_ascii(text[: 4 * limit]))
    return _cut(_LINKING_IN_PROSE.sub(lambda match: f"[{match[0]}]", " ".join(visible.split())), limit)


def printable(text: str, limit: int = 256) -> str:
    """For tables and events: one line of printable ASCII, at most `limit` characters, otherwise unchanged."""
    return _cut(" ".join(_printable_ascii(text[: 2 * limit]).split()), limit)


def sanitize_account(label: str) -> str:
    """An account id with its configured name in parentheses."""
    account, _, name = label.partition(" ")
    return sanitize(account, 20) + (f" ({sanitize(name, 60)})" if name else "")


def sanitize_source(source: str) -> str:
    """A caller's source: unchanged if it is an IP address, else sanitized."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return sanitize(source, 60)
    has_scope = getattr(address, "scope_id", None)  # any text may follow the % of an IPv6 address
    return sanitize(source, 60) if has_scope else str(address)


def sanitize_name(user_name: str) -> str:
    """An IAM user's name for prose. Keeps underscores, which are part of many names."""
    if _USER_NAME.fullmatch(user_name) is None:
        return sanitize(user_name, 64)
    return _cut(_defanged(user_name), 140)


def sanitize_secret_name(secret_name: str) -> str:
    """A secret's name for prose; see sanitize_name."""
    if _SECRET_NAME.fullmatch(secret_name) is None:
        return sanitize(secret_name, 64)
    return _cut(_defanged(secret_name), 140)


def is_secret_name(text: str) -> bool:
    return _SECRET_NAME.fullmatch(text) is not None


def is_user_name(text: str) -> bool:
    return _USER_NAME.fullmatch(text) is not None


def quote_user_name(user_name: str) -> str:
    """An IAM user's name as the value of an option, `--user-name=NAME`, for bash and zsh.

    After a space, the AWS CLI would read a name such as `--help` as an option. Quoted so that no mail client
    makes the name a link, and zsh does not replace `=ls` with a path: `a.b@c.d` becomes `a'.'b'@'c'.'d`,
    which both shells read as the same name. Raises ValueError for a name that IAM does not allow (IAM API
    reference, CreateUser, UserName).
    """
    if _USER_NAME.fullmatch(user_name) is None:
        raise ValueError("not the name of an IAM user")
    return _quote_special(user_name)


def quote_secret_name(secret_name: str) -> str:
    """A secret's name as the value of an option; see quote_user_name.

    Raises ValueError for a name that is not allowed (Secrets Manager API reference, CreateSecret, Name).
    """
    if not is_secret_name(secret_name):
        raise ValueError("not the name of a secret")
    return _quote_special(secret_name)


def _quote_special(name: str) -> str:
    """`name` must have no other character that is special to a shell. Quoted parts must not touch: zsh reads
    two quotes in a row as one if its option RC_QUOTES is on.
    """
    return re.sub(r"[.@=]+", lambda match: f"'{match[0]}'", name)


def _defanged(text: str) -> str:
    return _LINKING.sub(lambda match: f"[{match[0]}]", text)


def _printable_ascii(text: str) -> str:
    return _UNPRINTABLE.sub(" ", unicodedata.normalize("NFKC", text))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_ELLIPSIS)] + _ELLIPSIS
