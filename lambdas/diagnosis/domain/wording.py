"""Facts that several causes state about a key and its owner. All of them are safe to print."""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.iam import KeyChange, ListedKey
from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY
from lambdas.aws.domain.wording import last_used, moment
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import Source
from lambdas.ledger.domain.occurrence import Occurrence
from lambdas.text import sanitize, sanitize_account

HISTORY_DAYS = 90


def describe_change(verb: str, change: KeyChange | None, what: str = "it") -> str:
    """`change` is None if it is not on record."""
    if change is None:
        return f"Neither the ledger nor CloudTrail's last {HISTORY_DAYS} days show who {verb} {what}."
    return f"{sanitize(change.by)} {verb} {what} at {moment(change.at)}."


def describe_deactivation(evidence: Evidence) -> tuple[str, ...]:
    """Nothing, if the record of it could not be read."""
    change = evidence.latest(UPDATE_KEY, "Inactive")
    if change is None and evidence.is_unread(Source.HISTORY, Source.LEDGER):
        return ()
    return (describe_change("deactivated", change),)


def describe_key_deletion(evidence: Evidence) -> tuple[str, ...]:
    """Nothing, if the record of it could not be read."""
    change = evidence.latest(DELETE_KEY)
    if not (change or evidence.deletion) and evidence.is_unread(Source.HISTORY, Source.LEDGER):
        return ()
    return (describe_deletion(change, evidence.deletion),)


def describe_last_use(evidence: Evidence) -> tuple[str, ...]:
    """Nothing, if IAM's record of it could not be read."""
    if evidence.last_use is None and evidence.is_unread(Source.KEY):
        return ()
    return (last_used(evidence.last_use),)


def describe_latest_change(evidence: Evidence) -> tuple[str, ...]:
    """What the records that could be read say."""
    change = max(evidence.history, key=lambda change: change.at, default=None)
    if change is None:
        return ()
    status = f" ({sanitize(change.status)})" if change.status else ""
    what = f"{change.event_name}{status} by {sanitize(change.by)}"
    return (f"The last change on record is {what} at {moment(change.at)}.",)


def describe_deletion(change: KeyChange | None, deletion: Occurrence | None, what: str = "it") -> str:
    """Who deleted it and when; if only a sync of the ledger found it missing, between which moments."""
    if change or deletion is None:
        return describe_change("deleted", change, what)
    if deletion.by is not None:
        return f"{sanitize(deletion.by)} deleted {what} at {moment(deletion.until)}."
    since = f"between {moment(deletion.after)} and" if deletion.after else "before"
    return f"Somebody deleted {what} {since} {moment(deletion.until)}: a sync of the ledger found it missing."


def quote_description(evidence: Evidence) -> tuple[str, ...]:
    return (f"The owner describes it as: {sanitize(evidence.description)}.",) if evidence.description else ()


def list_other_keys(keys: Iterable[ListedKey]) -> str:
    listed = ", ".join(f"{key.access_key_id} ({sanitize(key.status)})" for key in keys)
    return f"The owner's other keys: {listed or 'none'}."


def describe_foreign_account(account: str, deployment: Deployment, source: str = "Its id") -> str:
    label = sanitize_account(deployment.account_label(account))
    return f"{source} names account {label}, not {deployment.account}."


def describe_leak(evidence: Evidence, owner: str) -> str:
    """`owner` must be safe to print. Empty if nothing shows a leak."""
    found = []
    if evidence.quarantine_policy:
        policy = sanitize(evidence.quarantine_policy)
        found.append(f"AWS attached {policy} to {owner}: AWS found a key of this user in public.")
    if evidence.exposed_at:
        found.append(f"AWS Health reported the key as exposed at {moment(evidence.exposed_at)}.")
    return " ".join(found)
