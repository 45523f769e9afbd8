"""Facts of the three predicted outages: who is affected, and whether a newer key has replaced this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import describe_usage, last_used, moment
from lambdas.diagnosis.domain.wording import list_other_keys, quote_description
from lambdas.text import sanitize

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.evidence import Evidence, Successor


def affected_callers(evidence: Evidence) -> tuple[str, ...]:
    return (
        last_used(evidence.last_use),
        *describe_usage(evidence.usage, "Will fail"),
        *quote_description(evidence),
    )


def replacement_facts(evidence: Evidence) -> tuple[str, ...]:
    if evidence.quarantine_policy:
        return (
            (
                f"AWS attached {sanitize(evidence.quarantine_policy)} to the owner:"
                " the key was found in public."
                " Leave it off."
            ),
        )
    if evidence.successor:
        return (_replaced_by(evidence.successor),)
    return (f"{list_other_keys(evidence.other_keys)} None of them has taken its place.",)


def _replaced_by(successor: Successor) -> str:
    used = successor.last_use
    return (
        f"The owner's newer key {successor.access_key_id} has been used since this one was last used,"
        f" {sanitize(used.service)} in {sanitize(used.region)} at {moment(used.at)}:"
        " this looks like an ordinary"
        " rotation."
    )
