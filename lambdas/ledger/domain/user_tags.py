"""Which of a user's tags the ledger keeps, and how many of them.

A principal that may tag a user chooses names and values, and an item of DynamoDB has at most 400 KB (DynamoDB
developer guide, quotas, "Item size").
"""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.aws.domain.access_key_id import find_flaw
from lambdas.aws.domain.redaction import without_secrets
from lambdas.ledger.domain.enrolment_tags import OWN_TAGS
from lambdas.ledger.domain.observation import Observed

MAX_DESCRIPTIONS = 20  # the latest; a user has two keys at a time
_MAX_CHARACTERS = 256  # IAM quotas, "Tag value"


def is_kept(name: str) -> bool:
    """The remediator's own tags, and those in which the IAM console stores a key's description: they have the
    key's id as their name (aws-facts 4.6).
    """
    return name in OWN_TAGS or find_flaw(name) is None


def stored_value(value: str | None) -> str | None:
    """Without what looks like a secret; None for a removed tag. Everything else stays, because a value that
    is cleaned further could say what nobody set.
    """
    return None if value is None else without_secrets(value)[:_MAX_CHARACTERS]


def bounded(tags: Mapping[str, Observed[str | None]]) -> dict[str, Observed[str | None]]:
    """Removed tags count too: they must outweigh older records."""
    descriptions = [name for name in tags if name not in OWN_TAGS and is_kept(name)]
    latest = sorted(descriptions, key=lambda name: (tags[name].at, name))[-MAX_DESCRIPTIONS:]
    kept = OWN_TAGS | set(latest)
    return {name: tag for name, tag in tags.items() if name in kept}
