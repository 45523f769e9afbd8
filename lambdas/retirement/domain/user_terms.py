"""A user's own grace period and quiet time, set by its tags: they can only lengthen those of the deployment,
and not for ever. A principal that may tag the user could otherwise have its key deactivated early, or never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from lambdas.ledger.domain.enrolment_tags import GRACE_TAG, QUIET_TAG
from lambdas.retirement.domain.retirement import RetirementPolicy

_LONGEST = timedelta(days=90)
_MAX_DIGITS = 9


def with_user_terms(policy: RetirementPolicy, tags: Mapping[str, str]) -> RetirementPolicy:
    return replace(
        policy,
        user_grace=_tagged_time(tags, GRACE_TAG),
        quiet=max(policy.quiet, _tagged_time(tags, QUIET_TAG)),
    )


def _tagged_time(tags: Mapping[str, str], name: str) -> timedelta:
    """Zero if the value is no whole number of seconds. The name may be spelled in any case: to IAM it is one
    tag, of which it keeps the last spelling, and the tag can only lengthen a term.
    """
    text = next((value.strip() for tag, value in tags.items() if tag.lower() == name), "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return min(timedelta(seconds=int(text)), _LONGEST) if is_number else timedelta()
