"""Accepts the contact in a user's tag. Anyone who may tag the user wrote it, so the text is untrusted."""

from __future__ import annotations

import re
from collections.abc import Collection

# One address without quoting or comments (RFC 5322, dot-atom; RFC 5321, 64 and 254 characters).
_ADDRESS = re.compile(r"(?=.{1,254}\Z)(?=.{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9.-]+)")


def accepted_contact(tag: str, domains: Collection[str]) -> str:
    """The tag if it is one address of an accepted domain, else empty.

    `domains` are in lower case and do not include their subdomains.
    """
    address = _ADDRESS.fullmatch(tag)
    return tag if address and address[1].lower() in domains else ""
