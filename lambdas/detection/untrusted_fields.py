"""Reads fields that a caller may have written, without what may be a secret."""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.aws.domain.access_key_id import looks_like_an_id
from lambdas.aws.domain.redaction import REMOVED, without_secrets
from lambdas.aws.json_fields import text
from lambdas.text import printable

FIRST_YEAR = 2006  # AWS was launched, so no call is older
MAX_FIELD_LENGTH = 1024  # CloudTrail cuts error and user agent at 1 KB (aws-facts 1.5)


def by_caller(
    fields: Mapping[str, object], name: str, access_key_id: str, limit: int = MAX_FIELD_LENGTH
) -> str:
    """A field that may repeat what the caller sent: a malformed id, which may be a secret, is removed."""
    value = text(fields.get(name))
    if access_key_id.strip() and not looks_like_an_id(access_key_id):
        value = value.replace(access_key_id, REMOVED).replace(access_key_id.strip(), REMOVED)
    return printable(without_secrets(value), limit)
