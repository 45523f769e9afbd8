"""Incidents that many ids share, because a caller can send as many ids as it likes.

The key of such an incident names an account, and the source address if all ids came from one. It contains a
colon, so it is the key of no other incident but those of calls without a key (`none:`).
"""

from __future__ import annotations

from lambdas.text import printable

_UNKNOWN_IDS, _UNRELATED_ERRORS = "unknown:", "unrelated:"
_SOURCE_LENGTH = 64  # longer than any address; CloudTrail has the whole text


def unknown_ids_of_source(account: str, source: str) -> str:
    return f"{_UNKNOWN_IDS}{account}:{printable(source, _SOURCE_LENGTH)}"


def unknown_ids_of_all_sources(account: str) -> str:
    return f"{_UNKNOWN_IDS}{account}"


def unrelated_errors(account: str) -> str:
    return f"{_UNRELATED_ERRORS}{account}"


def folds_unrelated_errors(incident_key: str) -> bool:
    return incident_key.startswith(_UNRELATED_ERRORS)


def is_shared(incident_key: str) -> bool:
    return incident_key.startswith((_UNKNOWN_IDS, _UNRELATED_ERRORS))


def source_of(incident_key: str) -> str:
    """Empty if the ids came from several sources."""
    return incident_key.split(":", 2)[2] if incident_key.count(":") > 1 else ""
