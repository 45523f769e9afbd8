"""What of the evidence could not be read. It is unknown, not absent: no cause may rest on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from lambdas.text import sanitize_prose


class Source(StrEnum):
    """What a source would say, as a clause of a sentence."""

    KEY = "whether IAM knows the key"
    LISTING = "whether IAM lists the key, and with which status"
    OWNER = "what IAM says of the owner"
    QUARANTINE = "whether AWS marked the owner's key as leaked"
    SUCCESSOR = "whether a newer key of the owner is in use"
    LEDGER = "what the ledger has of the key"
    HISTORY = "who changed the key, and when"
    SOURCES = "where calls with the key came from before"
    ACCOUNT = "which account the id belongs to"
    ISSUE = "who issued the session"
    HOLDER = "whether the session's role or user still exists"


@dataclass(frozen=True, kw_only=True)
class Unread:
    source: Source
    error: str  # which call failed, and how
    is_fault: bool = True  # False while AWS only throttles
    is_decisive: bool = True  # it could change the cause


def describe_unread(unread: Collection[Unread]) -> tuple[str, ...]:
    """A line for each source, safe to print."""
    lines = (f"Could not be read: {one.source} ({one.error})." for one in unread)
    return tuple(sanitize_prose(line) for line in dict.fromkeys(lines))
