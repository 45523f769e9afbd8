"""Fields of a managed secret that depend on its key: those that contain its id, its secret access key or an
SES SMTP password derived from it, as a whole or in a longer text. They follow the key; no other field does.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.smtp_password import REGIONS, looks_like_smtp_password, smtp_password

# A shorter text is no key of AWS, and could be anywhere (IAM API reference, AccessKey: an id has 16
# characters at least).
_MIN_LENGTH = 16
_URL = re.compile(r"://|%[0-9A-Fa-f]{2}|&\w+=")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_KEY_ID = re.compile(r"\bAKIA[A-Z2-7]{16}\b")

_Form = Callable[[str], str]


def with_new_key(secret: ManagedSecret, key: NewKey) -> ManagedSecret:
    """The secret with another key, which the fields that depend on the old one follow."""
    if secret.key is None:
        return replace(secret, key=key)
    derivations = {old: new for old, new in _derivations(secret.key, key).items() if len(old) >= _MIN_LENGTH}
    return replace(
        secret, key=key, others=_map_texts(secret.others, partial(_renewed, derivations=derivations))
    )


def renewed_fields(old: ManagedSecret, new: ManagedSecret) -> tuple[str, ...]:
    """The names of the fields that followed the key."""
    return tuple(name for name, value in new.others.items() if old.others.get(name, value) != value)


def fields_left_behind(secret: ManagedSecret) -> tuple[str, ...]:
    """The fields that may depend on a key, but that no rotation renews, each with the reason."""
    if secret.key is None:
        return ()
    own = _dependent_texts(secret.key)
    reasons = ((name, _why_left(text, own)) for name, text in _texts(secret.others))
    return tuple(dict.fromkeys(f"{name} {reason}" for name, reason in reasons if reason))


def _dependent_texts(key: NewKey) -> frozenset[str]:
    return frozenset(_derivations(key, key))


def _derivations(old: NewKey, new: NewKey) -> dict[str, Callable[[], str]]:
    """Each text that depends on the old key, with what makes the new one of it."""
    own, successor = old.secret_access_key, new.secret_access_key
    smtp = {smtp_password(own, region): partial(smtp_password, successor, region) for region in REGIONS}
    return {old.access_key_id: lambda: new.access_key_id, own: lambda: successor, **smtp}


def _renewed(text: str, *, derivations: Mapping[str, Callable[[], str]]) -> str:
    """Each new text takes the form of the old one. If the old one looks the same in several forms, a URL
    contains the most escaped of them, and any other text the plain one.
    """
    variants = (text, unquote(text), text.replace("\\/", "/"))
    found = {old: new() for old, new in derivations.items() if any(old in variant for variant in variants)}
    forms = _FORMS if _URL.search(text) is None else _FORMS[::-1]
    renewed: dict[str, str] = {}
    for form in forms:
        for old, new in found.items():
            renewed.setdefault(form(old), form(new))
    present = [re.escape(old) for old in renewed if old in text]
    return re.sub("|".join(present), lambda match: renewed[match[0]], text) if present else text


def _why_left(text: str, own: frozenset[str]) -> str:
    """A clause; empty for a text that follows the key, or does not seem to depend on one."""
    if looks_like_smtp_password(text) and text not in own:
        return "looks like an SES SMTP password, but is not derived from this key for any known region"
    if any(part in _decoded(text) for part in own):
        return "contains the key in base64"
    others = sorted({*_KEY_ID.findall(text)} - own)
    return f"contains the id of another key, {others[0]}" if others else ""


def _decoded(text: str) -> str:
    """Empty unless the text is base64."""
    try:
        return base64.b64decode(text, altchars=b"-_" if {*"-_"} & {*text} else None, validate=True).decode()
    except ValueError:
        return ""


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 -- any JSON
    """The names in objects count as texts, too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(name): _map_texts(inner, change) for name, inner in value.items()}
    return [_map_texts(inner, change) for inner in value] if isinstance(value, list) else value


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- any JSON
    """Each text with the name of the field that contains it, inner names after dots."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)


def _plain(text: str) -> str:
    return text


def _escaped_slashes(text: str) -> str:
    """As some programs write JSON."""
    return text.replace("/", "\\/")


def _lower(form: _Form) -> _Form:
    return lambda text: _ESCAPE.sub(lambda found: found[0].lower(), form(text))


_PATH: _Form = partial(quote, safe="/")
_QUOTED: _Form = partial(quote, safe="")
# From the plain form to the most escaped.
_FORMS: tuple[_Form, ...] = (_plain, _escaped_slashes, _lower(_PATH), _PATH, _lower(_QUOTED), _QUOTED)
